import { hasInitBefore, nameOf, placeOf, problemsOf } from '../container.ts';
import type { Check } from '../types.ts';

/** A plain cpio starts at an offset that is no multiple of four: the kernel ignores it and all that follows. */
export const segmentMisaligned: Check = {
  code: 'segment_misaligned',
  checkpoint: 'unpack',
  severity: 'fatal',
  symptom: '"Initramfs unpacking failed: invalid magic", or files that were appended are simply not there.',
  cause: 'Images were joined with `cat` without padding the first to a multiple of four bytes.',
  cure: 'Pad the part before it with NULs to a multiple of four bytes, or build the image anew.',
  repair: ['rebuild'],
  *observe({ image }) {
    if (image === null) return;
    for (const problem of problemsOf(image, 'misaligned')) {
      const bootable = hasInitBefore(image, problem);
      yield {
        defect: true,
        message: `${nameOf(image, problem)} has an archive at byte ${problem.offset}, which is no multiple of 4: the kernel ignores it and what follows${
          bootable ? '; the part before it has an init' : ''
        }.`,
        evidence: { ...placeOf(image, problem), remainder: problem.offset % 4, init_before: bootable },
        ...(bootable ? { severity: 'warning' } : {}),
      };
    }
  },
};
