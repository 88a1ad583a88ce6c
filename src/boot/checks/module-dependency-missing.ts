import { unreadContents } from '../drivers/contents.ts';
import { kernelDrivers, modulesOfKernel, type KernelDrivers } from '../drivers/kernel-drivers.ts';
import { neededModules, type NeededModule } from '../drivers/needed-modules.ts';
import type { BootFacts, Check, Observation } from '../types.ts';

/** A needed module is in the image, and one that it depends on is not. */
export const moduleDependencyMissing: Check = {
  code: 'module_dependency_missing',
  checkpoint: 'drivers',
  severity: 'fatal',
  symptom: '"Unknown symbol in module", "modprobe: ERROR: could not insert", then no disks.',
  cause: 'The image was put together by hand, or by a generator that worked from an index older than the modules.',
  cure: '`depmod -a K`, then `dracut --force --kver K IMAGE`.',
  repair: ['depmod', 'rebuild'],
  *observe(facts, requirements) {
    if (facts.image === null) return;
    const drivers = kernelDrivers(facts);
    const unread = unreadContents(facts.image);
    const needed = neededModules(facts, requirements);
    for (const module of needed) {
      if (module.neededBy === null || drivers.inImage(module.name) !== null) continue;
      yield missing(module, module.name, facts, unread);
    }
    const checksummed = needed.find(({ name }) => asksFor(CHECKSUM, name, drivers));
    if (checksummed !== undefined && !hasProvider(CHECKSUM, facts, drivers))
      yield missing({ ...checksummed, neededBy: checksummed.name }, 'crc32c', facts, unread);
  },
};

function missing(
  { neededBy, requirement }: NeededModule,
  name: string,
  facts: BootFacts,
  unread: string | null,
): Observation {
  if (unread !== null)
    return { defect: false, what: `whether the image holds ${name}, which ${neededBy ?? ''} needs`, reason: unread };
  return {
    defect: true,
    message: `${neededBy ?? ''} needs ${name}, which is not in the image: ${requirement.because}.`,
    evidence: {
      module: neededBy,
      dependency: name,
      host_path: kernelDrivers(facts).onHost(name),
      requirement: requirement.because,
    },
  };
}

/**
 * Soft dependencies are hints, and a kernel does without most of them. This one is not: ext4, jbd2 and libcrc32c (xfs,
 * btrfs) ask the crypto interface for it when they start, and give up where no module answers ("Cannot load crc32c driver").
 */
const CHECKSUM: readonly string[] = ['crypto-crc32c', 'crc32c'];

function asksFor(aliases: readonly string[], module: string, drivers: KernelDrivers): boolean {
  return drivers.softdepsOf(module).some((name) => aliases.includes(name.replaceAll('_', '-')));
}

/** True also where the kernel has no module for it: it is built in then. */
function hasProvider(aliases: readonly string[], facts: BootFacts, drivers: KernelDrivers): boolean {
  const inImage = modulesOfKernel(facts).some((module) => module.aliases.some((alias) => aliases.includes(alias)));
  if (inImage || aliases.some((alias) => drivers.builtinFor(alias) !== null)) return true;
  return aliases.every((alias) => drivers.modulesFor(alias).length === 0);
}
