// @ts-check
// The one program of a guest that its own loader starts: says that it was reached, and by which entry; captures the guest
// where a marker on its EFI partition asks for it.
import { ARRIVED } from '../oracle.mjs';

/** On the EFI partition. */
export const CAPTURE_MARKER = '/lab.capture';

/** Every entry of the lab says its own name on the kernel's command line. */
export const NAME = 'lab.entry=';

/** Before `lab.entry=`: what ends a guest by itself that cannot find its root, and patience, for the machine is busy. */
export const GUEST_WORDS =
  'console=ttyS0 panic=-1 quiet loglevel=4 systemd.show_status=0 rd.shell=0 rd.emergency=poweroff rd.retry=30 rd.timeout=60';

/**
 * @param {string} espAt where the guest mounts its EFI partition
 * @param {boolean} [ownBoot] whether /boot is a partition, and mounted before
 */
export const initScript = (espAt, ownBoot = false) => `#!/bin/busybox sh
export PATH=/bin:/sbin:/usr/bin:/usr/sbin:/busybox
/bin/busybox --install -s /busybox
echo "${ARRIVED} $(uname -r), entry $(sed 's/.*${NAME}\\([^ ]*\\).*/\\1/' /proc/cmdline)" > /dev/console
for module in nls_cp437 nls_ascii nls_utf8 vfat efivarfs; do modprobe $module; done 2>/dev/null
[ ! -d /sys/firmware/efi ] || mount -t efivarfs efivarfs /sys/firmware/efi/efivars
${ownBoot ? 'mount -t ext4 /dev/vda4 /boot\n' : ''}mount -t vfat -o umask=0077 /dev/vda2 ${espAt}
if [ -e ${espAt}${CAPTURE_MARKER} ]; then
  rm ${espAt}${CAPTURE_MARKER}
  mount -t tmpfs tmp /tmp
  /opt/node /opt/bellwether.cjs inspect --all --capture /tmp/facts.tar --no-images > /dev/console 2>&1
  gzip -9 /tmp/facts.tar
  { echo BEGIN FACTS; base64 /tmp/facts.tar.gz; echo END FACTS; } > /dev/console
fi
sync
echo o > /proc/sysrq-trigger
sleep 20
`;
