import { hasMainSegment } from '../container.ts';
import { initrdNeed } from '../initrd-need.ts';
import { startInit } from '../userspace/start-init.ts';
import type { Check } from '../types.ts';

/** The kernel finds nothing in the image that it can start. */
export const initMissing: Check = {
  code: 'init_missing',
  checkpoint: 'init',
  severity: 'fatal',
  symptom: '"Failed to execute /init (error -2)", "No working init found", or "VFS: Unable to mount root fs".',
  cause:
    'The image was built while files it needs were being replaced; /init is a link to a program that is not there, or its interpreter or shell was left out.',
  cure: 'Reinstall the package that /init comes from (systemd, dracut, initramfs-tools), then `dracut --force --kver K IMAGE`.',
  repair: ['reinstall', 'rebuild'],
  *observe(facts, requirements) {
    const { image, cmdline } = facts;
    if (image === null || !hasMainSegment(image)) return; // the rules of unpack tell
    const { path, run, instead } = startInit(image.tree, cmdline);
    if (run.runs) return;
    if (instead !== null) {
      yield {
        defect: false,
        what: `whether the image boots without ${path}, which the kernel cannot start (${run.reason})`,
        reason: `the kernel then starts ${instead}, which is systemd`,
      };
      return;
    }
    // Without it the kernel mounts root= itself; some can. With one that does not start, it panics.
    const need = initrdNeed(facts, requirements);
    const survives = run.kind === 'absent' && need.needed === false;
    yield {
      defect: true,
      message: `The kernel cannot start ${path} of the image: ${run.reason}.`,
      evidence: {
        init: path,
        missing: run.missing,
        ...(run.via.length > 0 ? { links: run.via } : {}),
        reason: run.reason,
        image: image.files[image.files.length - 1]?.path ?? null,
      },
      ...(survives ? { severity: 'warning' } : {}),
    };
  },
};
