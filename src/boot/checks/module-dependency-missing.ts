import { unansweredChecksum } from '../drivers/checksum-provider.ts';
import { unreadContents } from '../drivers/contents.ts';
import { kernelDrivers } from '../drivers/kernel-drivers.ts';
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
    const checksum = unansweredChecksum(facts, needed);
    if (checksum === null) return;
    const { module, certain } = checksum;
    const observation = missing({ ...module, neededBy: module.name }, 'crc32c', facts, unread);
    yield observation.defect && !certain ? { ...observation, severity: 'warning' } : observation;
    if (observation.defect && !certain)
      yield {
        defect: false,
        what: `whether ${module.name} can mount without crc32c`,
        reason: 'only a file system made without metadata_csum does without, and its features are not read',
      };
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
