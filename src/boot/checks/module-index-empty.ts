import { describeState, indexFileOf, isVoid, usesBinaryIndex } from '../drivers/index-state.ts';
import { imageIndex, kernelDrivers, modulesOfKernel } from '../drivers/kernel-drivers.ts';
import { loadedByAlias } from '../drivers/loaded-by-alias.ts';
import { neededModules, needsNoModule } from '../drivers/needed-modules.ts';
import type { BootFacts, Check, Observation, Requirement } from '../types.ts';

/** The image holds modules, and an index that knows none of them. */
export const moduleIndexEmpty: Check = {
  code: 'module_index_empty',
  checkpoint: 'drivers',
  severity: 'fatal',
  symptom: "dracut's emergency shell: no disks, no logical volumes, whatever drivers the image holds.",
  cause:
    'depmod indexed nothing when the image was built: a damaged kmod, or one that cannot read the modules’ compression. It exits 0 all the same.',
  cure: 'Reinstall kmod, run `depmod -a K` and see that modules.dep.bin is larger than 12 bytes, then `dracut --force --kver K IMAGE`.',
  repair: ['reinstall', 'depmod', 'rebuild'],
  *observe(facts, requirements) {
    if (facts.image === null || modulesOfKernel(facts).length === 0 || !usesBinaryIndex(facts.image)) return;
    if (isVoid(indexFileOf(facts, 'dep'))) yield dependencyIndex(facts, requirements);
    else if (isVoid(indexFileOf(facts, 'alias'))) yield* aliasIndex(facts, requirements);
  },
};

function dependencyIndex(facts: BootFacts, requirements: readonly Requirement[]): Observation {
  const file = indexFileOf(facts, 'dep');
  const modules = modulesOfKernel(facts).length;
  const needed = neededModules(facts, requirements)[0];
  return {
    defect: true,
    ...(needsNoModule(facts, requirements) ? { severity: 'warning' } : {}),
    message: `${file.path} in the image is ${describeState(file)}: modprobe and udev can load none of its ${modules} modules.`,
    evidence: {
      path: file.path,
      size: file.size,
      state: file.state,
      modules,
      text_size: imageIndex(facts)?.textSize ?? null,
      host_index_size: facts.kernel.index?.dep.size ?? null,
      ...(needed === undefined ? {} : { needed: needed.requirement.because }),
    },
  };
}

/** udev loads by modalias, the kernel asks for file systems and ciphers by alias: both through modules.alias.bin. */
function* aliasIndex(facts: BootFacts, requirements: readonly Requirement[]): Iterable<Observation> {
  const file = indexFileOf(facts, 'alias');
  if (!modulesOfKernel(facts).some(({ aliases }) => aliases.length > 0)) return;
  const drivers = kernelDrivers(facts);
  const byAlias = loadedByAlias(facts, requirements).filter(
    ({ name }) => (drivers.inImage(name)?.aliases.length ?? 0) > 0,
  );
  const first = byAlias[0];
  const complete = facts.host.storage.state === 'complete';
  yield {
    defect: true,
    ...(first === undefined && complete ? { severity: 'warning' } : {}),
    message: `${file.path} in the image is ${describeState(file)}: no module is found by the hardware that it drives.`,
    evidence: {
      path: file.path,
      size: file.size,
      state: file.state,
      modules: modulesOfKernel(facts).length,
      ...(first === undefined
        ? {}
        : { loaded_by_alias: byAlias.map(({ name }) => name), needed: first.requirement.because }),
    },
  };
}
