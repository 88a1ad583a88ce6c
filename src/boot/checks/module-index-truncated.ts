import { indexFiles, usesBinaryIndex } from '../drivers/index-state.ts';
import { imageIndex, modulesOfKernel } from '../drivers/kernel-drivers.ts';
import { loadedByAlias } from '../drivers/loaded-by-alias.ts';
import { needsNoModule } from '../drivers/needed-modules.ts';
import type { Check } from '../types.ts';

/** An index in the image whose tree points outside the file. */
export const moduleIndexTruncated: Check = {
  code: 'module_index_truncated',
  checkpoint: 'drivers',
  severity: 'fatal',
  symptom: 'Some modules are found and others are not, without a pattern; disks stay away.',
  cause: 'The disk was full while depmod wrote the index, or the image was cut and mended by hand.',
  cure: 'Free room, `depmod -a K`, then `dracut --force --kver K IMAGE`.',
  repair: ['free_space', 'depmod', 'rebuild'],
  *observe(facts, requirements) {
    const index = imageIndex(facts);
    if (facts.image === null || index === null || modulesOfKernel(facts).length === 0) return;
    if (!usesBinaryIndex(facts.image)) return;
    const harmless = needsNoModule(facts, requirements);
    const allByName = facts.host.storage.state === 'complete' && loadedByAlias(facts, requirements).length === 0;
    for (const { file, vital } of indexFiles(index)) {
      if (file.state !== 'truncated') continue;
      yield {
        defect: true,
        ...(vital && !harmless && !(file === index.alias && allByName) ? {} : { severity: 'warning' }),
        message: `${file.path} in the image (${file.size} bytes) is cut short: the node at offset ${file.offset ?? 0} points outside it.`,
        evidence: { path: file.path, size: file.size, offset: file.offset ?? null, readable_keys: file.keys },
      };
    }
  },
};
