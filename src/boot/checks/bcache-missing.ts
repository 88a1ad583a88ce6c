import { observeLayer } from '../userspace/observe-layer.ts';
import type { Check } from '../types.ts';

/** `/` is on a bcache device, and the image lacks what registers the disks that it is made of. */
export const bcacheMissing: Check = {
  code: 'bcache_missing',
  checkpoint: 'devices',
  severity: 'fatal',
  symptom: '/dev/bcache0 does not exist; the disk below it shows no file system.',
  cause: 'bcache-tools was not installed when the image was built.',
  cure: 'Install bcache-tools, then `dracut --force --add bcache --kver K IMAGE`, or `update-initramfs -u -k K`.',
  repair: ['reinstall', 'rebuild'],
  observe: (facts, requirements) => observeLayer('bcache', facts, requirements),
};
