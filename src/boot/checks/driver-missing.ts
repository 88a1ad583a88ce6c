import { isCryptoNeed } from '../drivers/crypto-needs.ts';
import { isVolumeTarget } from '../drivers/dm-targets.ts';
import { unmetOf, unreadDrivers } from '../drivers/unmet.ts';
import type { Check } from '../types.ts';

/** A driver between `/` and the hardware that the kernel will not have. */
export const driverMissing: Check = {
  code: 'driver_missing',
  checkpoint: 'drivers',
  severity: 'fatal',
  symptom: '"Warning: /dev/disk/by-uuid/… does not exist", then the emergency shell.',
  cause:
    'The image was built for other hardware, by a generator that did not see the disk, or before the hardware changed.',
  cure: '`dracut --force --add-drivers "NAME" --kver K IMAGE`; for initramfs-tools a line in /etc/initramfs-tools/modules and `update-initramfs -u -k K`.',
  repair: ['rebuild'],
  *observe(facts, requirements) {
    yield* unreadDrivers(facts);
    const wanted = requirements.filter(
      (requirement) => requirement.kind === 'driver' && !isCryptoNeed(requirement) && !isVolumeTarget(requirement.name),
    );
    yield* unmetOf(wanted, facts);
  },
};
