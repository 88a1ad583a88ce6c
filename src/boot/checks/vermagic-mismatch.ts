import type { ModuleFacts } from '../../image/types.ts';
import { modulesOfKernel } from '../drivers/kernel-drivers.ts';
import { neededModules } from '../drivers/needed-modules.ts';
import type { Check } from '../types.ts';

/** A module that was built for another kernel than the one whose folder it lies in. */
export const vermagicMismatch: Check = {
  code: 'vermagic_mismatch',
  checkpoint: 'drivers',
  severity: 'fatal',
  symptom: '"version magic … should be …", "disagrees about version of symbol", "Invalid module format".',
  cause: 'A module built out of tree (dkms) was compiled for the running kernel and installed for another.',
  cure: 'Build it for K (`dkms autoinstall -k K`), `depmod -a K`, then `dracut --force --kver K IMAGE`.',
  repair: ['reinstall', 'rebuild'],
  *observe(facts, requirements) {
    const { kernel } = facts.kernel;
    const foreign = modulesOfKernel(facts).filter((module) => isForeign(module, kernel));
    if (foreign.length === 0) return;
    const needed = new Map(neededModules(facts, requirements).map((module) => [module.name, module.requirement]));
    const flags = flagsOfKernel(modulesOfKernel(facts), kernel);
    for (const module of foreign) {
      const requirement = needed.get(module.name);
      const mayLoad = checksSymbolsOnly(module) && (flags === null || flags === flagsOf(module));
      yield {
        defect: true,
        ...(requirement === undefined || mayLoad ? { severity: 'warning' } : {}),
        message:
          `${module.name} was built for ${versionOf(module)}, not for ${kernel}` +
          (requirement === undefined ? '; nothing needs it to reach /.' : `: ${requirement.because}.`),
        evidence: {
          path: module.path,
          vermagic: module.vermagic ?? null,
          kernel,
          ...(requirement === undefined ? {} : { requirement: requirement.because }),
        },
      };
      if (requirement !== undefined && mayLoad)
        yield {
          defect: false,
          what: `whether ${kernel} takes ${module.path}`,
          reason: `it was built for ${versionOf(module)}; with module versions the kernel compares each symbol, which is not done here`,
        };
    }
  },
};

function versionOf({ vermagic = '' }: Pick<ModuleFacts, 'vermagic'>): string {
  return vermagic.split(' ')[0] ?? '';
}

/** weak-updates are meant to be another kernel's: what they use has kept its shape. */
function isForeign(module: ModuleFacts, kernel: string): boolean {
  if (module.vermagic === undefined || module.path.includes('/weak-updates/')) return false;
  return versionOf(module) !== kernel;
}

/** With module versions the kernel skips the first word of vermagic and compares symbols' checksums (kernel/module/version.c). */
function checksSymbolsOnly({ vermagic = '' }: ModuleFacts): boolean {
  return vermagic.split(' ').includes('modversions');
}

function flagsOf({ vermagic = '' }: ModuleFacts): string {
  return vermagic.slice(versionOf({ vermagic }).length).trim();
}

/** What follows the version in the modules that are this kernel's own: it must be the same in all. */
function flagsOfKernel(modules: readonly ModuleFacts[], kernel: string): string | null {
  const own = modules.find((module) => module.vermagic !== undefined && versionOf(module) === kernel);
  return own === undefined ? null : flagsOf(own);
}
