import type { ModuleIndex } from '../../image/types.ts';
import { unreadContents } from '../drivers/contents.ts';
import { imageIndex, kernelDrivers, modulesOfKernel } from '../drivers/kernel-drivers.ts';
import { supplyOf } from '../drivers/supply.ts';
import type { BootFacts, Check, Observation, Requirement } from '../types.ts';

/** An index that names files which are gone. */
export const moduleIndexDangling: Check = {
  code: 'module_index_dangling',
  checkpoint: 'drivers',
  severity: 'fatal',
  symptom: '"modprobe: ERROR: could not insert …: No such file or directory"; on the host, the next dracut aborts.',
  cause: 'Modules were removed or moved after depmod had run.',
  cure: '`depmod -a K`, then `dracut --force --kver K IMAGE`; reinstall the kernel where its modules are gone.',
  repair: ['depmod', 'rebuild', 'reinstall'],
  *observe(facts, requirements) {
    yield* inImage(facts, requirements);
    yield* onHost(facts);
  },
};

function* inImage(facts: BootFacts, requirements: readonly Requirement[]): Iterable<Observation> {
  const index = imageIndex(facts);
  if (index === null || facts.image === null || unreadContents(facts.image) !== null) return;
  const base = `lib/modules/${facts.kernel.kernel}/`;
  const files = modulesOfKernel(facts).map(({ path }) => path.slice(path.indexOf(base) + base.length));
  const dangling = danglingOf(index, new Set(files));
  if (dangling.size === 0) return;
  const drivers = kernelDrivers(facts);
  // A file of that name elsewhere is no help: kmod opens the path that the index names.
  const needed = requirements.find((requirement) => {
    const supply = supplyOf(requirement, drivers);
    if (supply.state === 'module') return dangling.has(supply.module);
    return supply.state === 'not_in_image' && supply.candidates.some((name) => dangling.has(name));
  });
  // Generators that copy the host's index whole leave names in it that nobody asks for.
  const copied = facts.kernel.index !== null && index.dep.keys === facts.kernel.index.dep.keys;
  if (needed === undefined && copied) return;
  yield {
    defect: true,
    ...(needed === undefined ? { severity: 'warning' } : {}),
    message:
      `${index.dep.path} in the image names ${count(dangling)} not in it` +
      (needed === undefined ? ', none of them needed to reach /.' : `: ${needed.because}.`),
    evidence: {
      ...evidenceOf(index, dangling),
      ...(needed === undefined ? {} : { requirement: needed.because }),
    },
  };
}

function* onHost({ kernel }: BootFacts): Iterable<Observation> {
  if (kernel.index === null || kernel.modules.length === 0) return;
  const dangling = danglingOf(kernel.index, new Set(kernel.modules.map(({ path }) => path)));
  if (dangling.size === 0) return;
  yield {
    defect: true,
    severity: 'warning',
    message: `${kernel.index.dep.path} names ${count(dangling)} not there: the next image cannot be built from it.`,
    evidence: evidenceOf(kernel.index, dangling),
  };
}

/** Indexed modules without a file, by name. weak-updates are links that lead to another kernel's files. */
function danglingOf(index: ModuleIndex, files: ReadonlySet<string>): ReadonlyMap<string, string> {
  const dangling = new Map<string, string>();
  for (const [name, { path }] of index.modules)
    if (!files.has(path) && !path.startsWith('weak-updates/')) dangling.set(name, path);
  return dangling;
}

function evidenceOf(index: ModuleIndex, dangling: ReadonlyMap<string, string>): Readonly<Record<string, unknown>> {
  return {
    path: index.dep.path,
    size: index.dep.size,
    indexed: index.modules.size,
    dangling: dangling.size,
    examples: [...dangling.values()].sort().slice(0, 5),
  };
}

function count({ size }: ReadonlyMap<string, string>): string {
  return size === 1 ? '1 module that is' : `${size} modules that are`;
}
