import type { ImageFacts, ImageProblem } from '../../image/types.ts';
import { hasInitBefore, nameOf, placeOf, problemsOf } from '../container.ts';
import type { Check, Observation } from '../types.ts';

/** Bytes in the image are wrong; or it could not be read, and nobody knows whether they are. */
export const imageCorrupt: Check = {
  code: 'image_corrupt',
  checkpoint: 'unpack',
  severity: 'fatal',
  symptom: '"Initramfs unpacking failed: junk in compressed archive", "invalid magic" or "crc error", then a panic.',
  cause: 'Bit rot, a failing disk, a file system that lost writes, or two programs writing the image at once.',
  cure: 'Look for I/O errors in the kernel log, then build the image anew: `dracut --force --kver K IMAGE`.',
  repair: ['rebuild'],
  *observe({ image, imageError }) {
    if (imageError?.kind === 'unreadable')
      yield { defect: false, what: `the image ${imageError.path}`, reason: imageError.reason };
    if (image === null) return;
    for (const problem of image.problems) yield* judgeProblem(image, problem);
  },
};

function* judgeProblem(image: ImageFacts, problem: ImageProblem): Iterable<Observation> {
  const name = nameOf(image, problem);
  const evidence = placeOf(image, problem);
  switch (problem.kind) {
    case 'corrupt':
      yield { defect: true, message: `${name} is damaged at byte ${problem.offset}: ${problem.detail}.`, evidence };
      return;
    case 'not_an_image':
      yield { defect: true, message: `${name} is no image: ${problem.detail}.`, evidence };
      return;
    case 'unknown_magic': {
      const bootable = hasInitBefore(image, problem);
      yield {
        defect: true,
        message: `The kernel ignores ${name} from byte ${problem.offset} on, because it takes it for no archive: ${problem.detail}.`,
        evidence: { ...evidence, init_before: bootable },
        ...(bootable && problemsOf(image, 'corrupt', 'truncated').length === 0 ? { severity: 'warning' } : {}),
      };
      return;
    }
    case 'limit':
    case 'program_absent':
      yield { defect: false, what: `what ${name} holds from byte ${problem.offset} on`, reason: problem.detail };
      return;
    case 'empty':
    case 'truncated':
    case 'misaligned':
    case 'lz4_modern_frame':
    case 'entry_ignored':
      return; // each has a rule of its own
  }
}
