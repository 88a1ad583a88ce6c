import { hasMainSegment, nameOf, placeOf, problemsOf } from '../container.ts';
import type { Check } from '../types.ts';

/** An image file has no bytes, or NULs alone. */
export const imageEmpty: Check = {
  code: 'image_empty',
  checkpoint: 'unpack',
  severity: 'fatal',
  symptom: '"VFS: Unable to mount root fs", or a panic within the first seconds.',
  cause: '/boot was full when the image was written, or the machine stopped before the data reached the disk.',
  cure: 'Free room on /boot, then `dracut --force --kver K IMAGE` or `update-initramfs -u -k K`.',
  repair: ['free_space', 'rebuild'],
  *observe({ image }) {
    if (image === null) return;
    for (const problem of problemsOf(image, 'empty')) {
      const beside = hasMainSegment(image);
      yield {
        defect: true,
        message: `${nameOf(image, problem)} is empty${beside ? '; the other image files of this entry are not' : ''}.`,
        evidence: placeOf(image, problem),
        ...(beside ? { severity: 'warning' } : {}),
      };
    }
  },
};
