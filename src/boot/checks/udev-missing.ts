import type { ImageFacts } from '../../image/types.ts';
import { isDracut } from '../dracut-arguments.ts';
import { findUdevd } from '../userspace/boot-programs.ts';
import { misledUdevd } from '../userspace/called-udevd.ts';
import { findProgram, hasRules } from '../userspace/programs.ts';
import { udevIsIdle } from '../userspace/udev-idle.ts';
import type { Check } from '../types.ts';

/** udev is what finds devices in images of dracut and initramfs-tools; part of it is not there. */
export const udevMissing: Check = {
  code: 'udev_missing',
  checkpoint: 'devices',
  severity: 'fatal',
  symptom:
    'No driver is loaded and /dev/disk/by-uuid stays empty; the boot waits for its root device until it gives up.',
  cause: 'A broken or interrupted build, or udev was being replaced while the image was made.',
  cure: 'Reinstall udev (systemd-udev, udev), then `dracut --force --kver K IMAGE`.',
  repair: ['reinstall', 'rebuild'],
  *observe(facts, requirements) {
    const { image } = facts;
    if (image === null || image.unread.length > 0 || !usesUdev(image)) return;
    const misled = misledUdevd(image.tree, facts.cmdline);
    const programs = [
      ...(findUdevd(image) === null
        ? ['the daemon (systemd-udevd)']
        : misled === null
          ? []
          : [`the daemon where the scripts call it (${misled})`]),
      ...(findProgram(image.tree, 'udevadm') === null ? ['udevadm'] : []),
    ];
    const missing = [...programs, ...(hasRules(image.tree, /./) ? [] : ['its rules (udev/rules.d)'])];
    if (missing.length === 0) return;
    yield {
      defect: true,
      message: `udev is not whole in the image: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not there.`,
      evidence: { missing, image: image.files[image.files.length - 1]?.path ?? null },
      // The scripts start its programs, and stop where they are not there.
      ...(programs.length === 0 && udevIsIdle(facts, requirements) ? { severity: 'warning' } : {}),
    };
  },
};

/** booster and busybox images find devices in other ways. */
function usesUdev(image: ImageFacts): boolean {
  return isDracut(image) || image.generator === 'initramfs-tools';
}
