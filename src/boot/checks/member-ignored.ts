import { nameOf, placeOf, problemsOf } from '../container.ts';
import type { Check } from '../types.ts';

const SHOWN = 5;

/** Members of the archive that the kernel drops without a word. Early microcode is read where it lies, so it does not count. */
export const memberIgnored: Check = {
  code: 'member_ignored',
  checkpoint: 'unpack',
  severity: 'note',
  symptom: 'Files that the listing of the image shows are not there when it runs.',
  cause:
    'The archive names a file before the folder that holds it, or a name that is too long: the kernel silently skips it.',
  cure: 'Build the image anew; where it was made by hand, pack folders before the files in them (`find . | sort | cpio -o -H newc`).',
  repair: ['rebuild'],
  *observe({ image }) {
    if (image === null) return;
    const dropped = problemsOf(image, 'entry_ignored').filter(({ entry }) => !(entry ?? '').startsWith('kernel/'));
    const [first] = dropped;
    if (first === undefined) return;
    yield {
      defect: true,
      message: `The kernel drops ${dropped.length === 1 ? 'a member' : `${dropped.length} members`} of ${nameOf(image, first)}: ${first.detail}.`,
      evidence: {
        ...placeOf(image, first),
        count: dropped.length,
        entries: dropped.slice(0, SHOWN).map(({ entry }) => entry ?? null),
      },
    };
  },
};
