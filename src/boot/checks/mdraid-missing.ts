import { observeLayer } from '../userspace/observe-layer.ts';
import type { Check } from '../types.ts';

/** `/` is on a RAID array, and the image lacks what assembles it. */
export const mdraidMissing: Check = {
  code: 'mdraid_missing',
  checkpoint: 'devices',
  severity: 'fatal',
  symptom: '/dev/md… does not exist; /proc/mdstat is empty in the emergency shell.',
  cause: 'mdadm was not installed when the image was built, or the build was host-only where no array was running.',
  cure: 'Install mdadm, then `dracut --force --add mdraid --kver K IMAGE`, or `update-initramfs -u -k K`.',
  repair: ['reinstall', 'rebuild'],
  observe: (facts, requirements) => observeLayer('md', facts, requirements),
};
