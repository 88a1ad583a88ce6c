import { nameOf, placeOf, problemsOf } from '../container.ts';
import type { Check } from '../types.ts';

/** The file ends before the archive or the compressed stream does. */
export const imageTruncated: Check = {
  code: 'image_truncated',
  checkpoint: 'unpack',
  severity: 'fatal',
  symptom: '"Initramfs unpacking failed: …", then a panic or the emergency shell; sometimes it boots, by luck.',
  cause:
    '/boot filled up while the image was written, or writing was interrupted; the generator may have reported success.',
  cure: 'Look at `df /boot`, free room, then `dracut --force --kver K IMAGE` or `update-initramfs -u -k K`.',
  repair: ['free_space', 'rebuild'],
  *observe({ image, siblings, host }) {
    if (image === null) return;
    for (const problem of problemsOf(image, 'truncated'))
      yield {
        defect: true,
        message: `${nameOf(image, problem)} is cut short: ${problem.detail}.`,
        evidence: {
          ...placeOf(image, problem),
          boot_free: host.boot.free,
          siblings: siblings.map(({ path, size }) => ({ path, size })),
        },
      };
    const cut = image.uki?.truncated;
    if (cut !== undefined)
      yield {
        defect: true,
        message: `The unified image ${image.files[0]?.path ?? ''} is cut short: ${cut}.`,
        evidence: { path: image.files[0]?.path ?? null, size: image.files[0]?.size ?? null, detail: cut },
      };
  },
};
