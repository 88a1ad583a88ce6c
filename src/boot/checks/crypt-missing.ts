import { observeLayer } from '../userspace/observe-layer.ts';
import type { Check } from '../types.ts';

/** `/` is encrypted, and the image lacks what unlocks it. */
export const cryptMissing: Check = {
  code: 'crypt_missing',
  checkpoint: 'devices',
  severity: 'fatal',
  symptom: 'No passphrase is asked for; the boot waits for /dev/mapper/luks-… until it gives up.',
  cause:
    'cryptsetup (or systemd-cryptsetup, a package of its own on newer Debian) was not installed when the image was built, or the build was host-only where no LUKS was seen.',
  cure: 'Install cryptsetup and systemd-cryptsetup (Debian: cryptsetup-initramfs), then `dracut --force --add crypt --kver K IMAGE`.',
  repair: ['reinstall', 'rebuild'],
  observe: (facts, requirements) => observeLayer('crypt', facts, requirements),
};
