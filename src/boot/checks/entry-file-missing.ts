import type { LoaderPath } from '../../host/types.ts';
import type { BootFacts, Check } from '../types.ts';

/** A file that the entry loads, other than its main image (`image_missing` tells of that), is not where the loader looks. */
export const entryFileMissing: Check = {
  code: 'entry_file_missing',
  checkpoint: 'loader',
  severity: 'fatal',
  symptom: '"error: file not found", then "you need to load the kernel first".',
  cause:
    'The kernel was removed and its entry was left, the host was rolled back, or the path in the entry is not relative to the file system that the loader reads.',
  cure: 'Make another entry the default (`grub2-set-default`, `grubby --set-default`, `bootctl set-default`) and remove this one, or install the kernel again.',
  repair: ['configure', 'reinstall'],
  *observe(facts) {
    const { entry } = facts;
    if (entry === null) return;
    const loaded = [
      ...(entry.linux === null ? [] : [{ role: 'kernel', file: entry.linux }]),
      ...sideImages(facts).map((file) => ({ role: 'image', file })),
    ];
    for (const { role, file } of loaded) {
      if (file.exists === false)
        yield {
          defect: true,
          message: `The entry "${entry.title}" loads the ${role} ${file.raw}, which is not there.`,
          evidence: { entry: entry.id, entry_source: entry.source, role, raw: file.raw, path: file.path },
        };
      else if (file.exists === null)
        yield {
          defect: false,
          what: `whether the ${role} ${file.raw} of the entry "${entry.title}" is there`,
          reason: 'the file system that the loader reads it from could not be looked at',
        };
    }
  },
};

/** Every image of the entry but the main one; the main one too where nothing else tells that it is absent. */
function sideImages({ entry, image, imageError }: BootFacts): readonly LoaderPath[] {
  const initrds = entry?.initrds ?? [];
  if (image === null && imageError === null) return initrds;
  return initrds.filter((initrd) => initrd.path === null || initrd.path !== imageError?.path);
}
