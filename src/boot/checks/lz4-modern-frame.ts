import { hasInitBefore, nameOf, placeOf, problemsOf } from '../container.ts';
import type { Check } from '../types.ts';

/** A segment is an LZ4 frame of the present format (04 22 4d 18); the kernel unpacks the legacy one (02 21 4c 18) alone. */
export const lz4ModernFrame: Check = {
  code: 'lz4_modern_frame',
  checkpoint: 'unpack',
  severity: 'fatal',
  symptom: '"Initramfs unpacking failed: invalid magic at start of compressed archive", then a panic.',
  cause: 'The image was compressed by `lz4` without `-l`.',
  cure: 'Compress with `lz4 -l -9`, or build it anew: `dracut --force --lz4 --kver K IMAGE`.',
  repair: ['rebuild'],
  *observe({ image }) {
    if (image === null) return;
    for (const problem of problemsOf(image, 'lz4_modern_frame')) {
      const bootable = hasInitBefore(image, problem);
      yield {
        defect: true,
        message: `${nameOf(image, problem)} has a modern LZ4 frame at byte ${problem.offset}, which the kernel takes for no archive.`,
        evidence: { ...placeOf(image, problem), init_before: bootable },
        ...(bootable ? { severity: 'warning' } : {}),
      };
    }
  },
};
