import { matchesAlias, normaliseAlias } from '../drivers/alias-match.ts';
import { indexFileOf, isVoid, usesBinaryIndex } from '../drivers/index-state.ts';
import { imageIndex, kernelDrivers, modulesOfKernel } from '../drivers/kernel-drivers.ts';
import { loadedByAlias } from '../drivers/loaded-by-alias.ts';
import { neededModules } from '../drivers/needed-modules.ts';
import type { BootFacts, Check, Observation, Requirement } from '../types.ts';

/** Modules in the image that its index does not know: to modprobe and udev they are not there. */
export const moduleNotIndexed: Check = {
  code: 'module_not_indexed',
  checkpoint: 'drivers',
  severity: 'fatal',
  symptom: '"modprobe: FATAL: Module … not found", although the file is in the image; disks stay away.',
  cause: 'The index is older than the modules, or depmod could not read some of them.',
  cure: '`depmod -a K`, then `dracut --force --kver K IMAGE`; reinstall kmod where depmod leaves modules out.',
  repair: ['depmod', 'rebuild', 'reinstall'],
  *observe(facts, requirements) {
    if (facts.image === null || !usesBinaryIndex(facts.image)) return;
    const file = indexFileOf(facts, 'dep');
    if (file.state === 'truncated') return; // which of them are lost is then a matter of luck
    const indexed = isVoid(file)
      ? new Map<string, unknown>()
      : (imageIndex(facts)?.modules ?? new Map<string, unknown>());
    const modules = modulesOfKernel(facts);
    yield* lostAliases(facts, requirements);
    const absent = modules.filter(({ name }) => !indexed.has(name));
    if (absent.length === 0) return;
    const names = new Set(absent.map(({ name }) => name));
    const needed = neededModules(facts, requirements).filter(({ name }) => names.has(name));
    const first = needed[0];
    yield {
      defect: true,
      ...(first === undefined ? { severity: 'warning' } : {}),
      message:
        first === undefined
          ? `${absent.length} of the image's ${modules.length} modules are not in its index, none of them needed to reach /.`
          : `${first.name} is in the image, but not in its index: ${first.requirement.because}.`,
      evidence: {
        path: file.path,
        size: file.size,
        modules: modules.length,
        not_indexed: absent.length,
        examples: absent
          .map(({ path }) => path)
          .sort()
          .slice(0, 5),
        ...(first === undefined
          ? {}
          : { needed: needed.slice(0, 10).map(({ name }) => name), requirement: first.requirement.because }),
      },
    };
  },
};

/** udev, and the kernel for a file system, ask by alias: a needed module claims it, and the index does not find it by that. */
function* lostAliases(facts: BootFacts, requirements: readonly Requirement[]): Iterable<Observation> {
  const index = imageIndex(facts);
  const file = indexFileOf(facts, 'alias');
  if (index === null || file.state !== 'sound') return; // other rules tell
  const drivers = kernelDrivers(facts);
  for (const { name, requirement } of loadedByAlias(facts, requirements)) {
    const asked = requirement.kind === 'filesystem' ? `fs-${requirement.name}` : requirement.modalias;
    const own = drivers.inImage(name);
    if (asked === undefined || own === null || !index.modules.has(name)) continue;
    const wanted = normaliseAlias(asked);
    const claims = (pattern: string) => matchesAlias(normaliseAlias(pattern), wanted);
    if (!own.aliases.some(claims)) continue; // loaded by another name
    if (index.aliasesLike(wanted).some(([pattern]) => claims(pattern))) continue;
    yield {
      defect: true,
      message: `${name} is in the image, but its index does not find it by ${asked}: ${requirement.because}.`,
      evidence: { path: file.path, size: file.size, alias: asked, module: name, requirement: requirement.because },
    };
  }
}
