import { observeLayer } from '../userspace/observe-layer.ts';
import type { Check } from '../types.ts';

/** `/` is on a logical volume, and the image lacks what activates it. */
export const lvmMissing: Check = {
  code: 'lvm_missing',
  checkpoint: 'devices',
  severity: 'fatal',
  symptom: '"/dev/mapper/VG-LV does not exist", after minutes of waiting; `lvm` is not found in the emergency shell.',
  cause:
    'The image was built host-only where no LVM was seen (in a chroot, in a container, before the conversion), or lvm2 was not installed then; the generator leaves the layer out without an error.',
  cure: 'Install lvm2, then `dracut --force --add lvm --kver K IMAGE`, or `update-initramfs -u -k K`.',
  repair: ['reinstall', 'rebuild'],
  observe: (facts, requirements) => observeLayer('lvm', facts, requirements),
};
