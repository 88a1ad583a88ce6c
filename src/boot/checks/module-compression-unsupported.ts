import type { ModuleFacts } from '../../image/types.ts';
import { kernelDrivers } from '../drivers/kernel-drivers.ts';
import { kernelUnpacks, moduleLoaders } from '../drivers/module-loaders.ts';
import { neededModules, type NeededModule } from '../drivers/needed-modules.ts';
import type { BootFacts, Check, Observation } from '../types.ts';

type Packed = Exclude<ModuleFacts['compression'], 'none'>;

/** Needed modules are compressed in a way that nothing in the image can unpack. */
export const moduleCompressionUnsupported: Check = {
  code: 'module_compression_unsupported',
  checkpoint: 'drivers',
  severity: 'fatal',
  symptom: '"modprobe: ERROR: could not insert …: Exec format error", "Invalid module format".',
  cause: 'kmod was built without the library for the compression that the kernel package uses.',
  cure: 'Install a kmod that reads it (`kmod --version` lists what it knows), then `dracut --force --kver K IMAGE`.',
  repair: ['reinstall', 'rebuild'],
  *observe(facts, requirements) {
    const drivers = kernelDrivers(facts);
    const byCompression = new Map<Packed, NeededModule[]>();
    for (const module of neededModules(facts, requirements)) {
      const compression = drivers.inImage(module.name)?.compression ?? 'none';
      if (compression !== 'none') byCompression.set(compression, [...(byCompression.get(compression) ?? []), module]);
    }
    for (const [compression, modules] of byCompression) yield* judge(compression, modules, facts);
  },
};

function* judge(compression: Packed, modules: readonly NeededModule[], facts: BootFacts): Iterable<Observation> {
  const [first] = modules;
  if (facts.image === null || first === undefined) return;
  const loaders = moduleLoaders(facts.image).map((loader) => ({
    path: loader.path,
    able: loader.unpacks(compression),
    asksKernel: loader.asksKernel,
  }));
  const byKernel = kernelUnpacks(facts, compression);
  const unable = loaders
    .filter(({ able, asksKernel }) => able === false && !(asksKernel && byKernel === true))
    .map(({ path }) => path);
  const path = kernelDrivers(facts).inImage(first.name)?.path ?? first.name;
  if (unable.length > 0 && byKernel === false)
    yield {
      defect: true,
      message: `${unable.join(' and ')} in the image cannot read ${compression}, which ${modules.length} needed modules are compressed with: ${first.requirement.because}.`,
      evidence: { compression, unable, path, modules: modules.length, requirement: first.requirement.because },
    };
  else if (unable.length > 0 || (byKernel !== true && loaders.some(({ able }) => able === null)))
    yield {
      defect: false,
      what: `whether ${path} can be unpacked in the image`,
      reason:
        unable.length > 0
          ? `${unable.join(' and ')} cannot read ${compression}, and whether the kernel does it instead is not known`
          : 'its module loader does not tell what compressions it reads',
    };
}
