import { hasWord, lastValue } from '../command-line.ts';
import { findExecutable } from '../userspace/programs.ts';
import type { Check } from '../types.ts';

const PLACES = [
  'usr/lib/ostree/ostree-prepare-root',
  'usr/libexec/ostree/ostree-prepare-root',
  'usr/lib64/ostree/ostree-prepare-root',
  'sbin/ostree-prepare-root',
  'usr/sbin/ostree-prepare-root',
] as const;

/** The command line asks for an ostree deployment, and the image cannot find its way into one. */
export const ostreeMissing: Check = {
  code: 'ostree_missing',
  checkpoint: 'devices',
  severity: 'fatal',
  symptom: '"Failed to switch root: … does not seem to be an OS tree".',
  cause: 'The image was rebuilt by a plain dracut call without the ostree module.',
  cure: 'Build it with the module, `dracut --force --add ostree --kver K IMAGE`, or let `rpm-ostree initramfs` do it.',
  repair: ['rebuild'],
  *observe({ image, cmdline }) {
    if (image === null || cmdline === null || image.unread.length > 0 || !hasWord(cmdline, 'ostree')) return;
    if (findExecutable(image.tree, PLACES) !== null) return;
    yield {
      defect: true,
      message: 'The command line names an ostree deployment, and the image has no ostree-prepare-root.',
      evidence: { ostree: lastValue(cmdline, 'ostree'), looked_for: PLACES },
    };
  },
};
