import { observeLayer } from '../userspace/observe-layer.ts';
import type { Check } from '../types.ts';

/** `/` is btrfs on several devices, and the image lacks what tells the kernel of each. */
export const btrfsMissing: Check = {
  code: 'btrfs_missing',
  checkpoint: 'devices',
  severity: 'fatal',
  symptom: '"devid … is missing", "failed to read the system array", "open_ctree failed".',
  cause: 'Rules of udev were left out of the image, or the file system had one device when it was built.',
  cure: 'Install btrfs-progs, then `dracut --force --add btrfs --kver K IMAGE`, or `update-initramfs -u -k K`.',
  repair: ['reinstall', 'rebuild'],
  observe: (facts, requirements) => observeLayer('btrfs', facts, requirements),
};
