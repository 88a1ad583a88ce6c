import type { Requirement } from '../types.ts';
import type { KernelDrivers } from './kernel-drivers.ts';

/** How a kernel and its image meet one requirement. */
type Supply =
  | { readonly state: 'builtin'; readonly by: string }
  /** A module in the image; whether it and what it depends on can be loaded is for other rules. */
  | { readonly state: 'module'; readonly module: string }
  /** The kernel has these modules for it, the image none of them. */
  | { readonly state: 'not_in_image'; readonly candidates: readonly string[] }
  /** The kernel has nothing for it. */
  | { readonly state: 'not_in_kernel' }
  | { readonly state: 'unknown'; readonly reason: string };

/** Says how `requirement` is met. A requirement of kind `layer` is about userspace: it needs no driver by itself. */
export function supplyOf(requirement: Requirement, drivers: KernelDrivers): Supply {
  switch (requirement.kind) {
    case 'layer':
      return { state: 'builtin', by: requirement.name };
    case 'filesystem':
      return supplyAny(requirement.name, `fs-${requirement.name}`, drivers);
    case 'driver':
      if (requirement.modalias?.startsWith('crypto-') === true) {
        return supplyAny(requirement.name, requirement.modalias, drivers);
      }
      return supplyDriver(requirement.name, requirement.modalias, drivers);
  }
}

/** The module that is bound now where this kernel has one of that name, else whichever claims the same device. */
function supplyDriver(name: string, modalias: string | undefined, drivers: KernelDrivers): Supply {
  if (drivers.isBuiltin(name)) return { state: 'builtin', by: name };
  if (drivers.hasModule(name)) return fromModules([name], drivers);
  if (modalias === undefined) return { state: 'unknown', reason: `nothing of the kernel is called ${name}` };
  return supplyAlias(modalias, drivers);
}

/** A name that stands for a service (a file system, a cipher): whatever bears the name or claims the alias will do. */
function supplyAny(name: string, alias: string, drivers: KernelDrivers): Supply {
  if (drivers.isBuiltin(name)) return { state: 'builtin', by: name };
  if (drivers.inImage(name) !== null) return { state: 'module', module: name };
  return supplyAlias(alias, drivers, drivers.hasModule(name) ? [name] : []);
}

function supplyAlias(alias: string, drivers: KernelDrivers, named: readonly string[] = []): Supply {
  const by = drivers.builtinFor(alias);
  if (by !== null) return { state: 'builtin', by };
  const candidates = [...new Set([...named, ...drivers.modulesFor(alias)])];
  return candidates.length > 0 ? fromModules(candidates, drivers) : nothing(drivers);
}

function fromModules(candidates: readonly string[], drivers: KernelDrivers): Supply {
  const module = candidates.find((candidate) => drivers.inImage(candidate) !== null);
  return module === undefined ? { state: 'not_in_image', candidates } : { state: 'module', module };
}

/** Only who knows all that a kernel has can say that it lacks something. */
function nothing(drivers: KernelDrivers): Supply {
  if (!drivers.builtinKnown) return { state: 'unknown', reason: 'what is built into the kernel is not known' };
  if (!drivers.modulesKnown) return { state: 'unknown', reason: 'the modules of the kernel are not there to look at' };
  return { state: 'not_in_kernel' };
}
