// @ts-check
// The whole of a small Debian that can mend itself: its own kernel, generator, package database and boot entries.
import { APPEND, ARRIVED } from '../oracle.mjs';

/** @typedef {import('./layouts.mjs').Layout} Layout */

/** The entry that a person takes from the loader's menu when the default one is dead, by the key to press. */
export const RESCUE = { title: 'Rescue', key: 'r' };
/** Where the guest has bellwether. */
export const PRODUCT = '/usr/local/bin/bellwether';
const JOB = 'lab.mend';
export const ANSWERS = { check: 'ANSWER TO CHECK', repair: 'ANSWER TO REPAIR', end: 'END OF ANSWERS' };

/** Much is asked of a guest whose disk is not found, but little of one that is sound and slow. */
const PATIENCE = 'rd.retry=60 rd.timeout=90';
const MUCH_PATIENCE = 'rd.retry=300 rd.timeout=600';

/** Named on the command line: left to choose, systemd's image goes on with the root's own systemd. */
export const INIT = '/usr/sbin/lab-init';

/**
 * The guest's first program: says that it was reached and, in the rescue entry, has bellwether look and mend. Answers go
 * to the second serial line, what it says meanwhile to the first.
 */
export const MEND_INIT = `#!/bin/sh
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8
echo "${ARRIVED} $(uname -r)" > /dev/console
case $(cat /proc/cmdline) in *${JOB}*)
  mount -a
  exec > /dev/ttyS1 2> /dev/console
  echo "${ANSWERS.check}"
  bellwether check --format json
  echo
  echo "${ANSWERS.repair}"
  bellwether repair --yes --format json --timeout 7200
  echo
  echo "${ANSWERS.end}"
  umount /boot 2>/dev/null
esac
exec > /dev/console 2>&1
sync
mount -o remount,ro /
echo o > /proc/sysrq-trigger
sleep 60
`;

/**
 * @param {Layout} layout
 * @param {string} kernel
 */
export function menuOf({ boot, commandLine }, kernel) {
  const entry = (/** @type {string} */ title, /** @type {string} */ image, /** @type {string} */ more) =>
    `menuentry ${title} {
  linux ${boot}/vmlinuz-${kernel} ${commandLine} init=${INIT} ${APPEND} ${more}
  initrd ${boot}/${image}
}
`;
  return `serial --unit=0 --speed=115200
terminal_input serial
terminal_output serial
set default=0
set timeout=5
set root=(hd0,msdos1)
${entry("'Debian GNU/Linux'", `initrd.img-${kernel}`, PATIENCE)}
${entry(`'${RESCUE.title}' --hotkey=${RESCUE.key}`, 'initrd-rescue.img', `${MUCH_PATIENCE} ${JOB}`)}`;
}

/**
 * A few modules, uncompressed: an emulated processor packs them in minutes.
 * @param {Layout} layout
 */
export const dracutConfiguration = ({ modules }) => `hostonly="no"
dracutmodules+=" systemd systemd-initrd dracut-systemd udev-rules rootfs-block kernel-modules base fs-lib shutdown usrmount ${modules} "
drivers+=" virtio_pci virtio_blk ext4 crc32c_generic crc32c_intel dm_mod "
early_microcode="no"
compress="cat"
`;

/** The same, by someone who did not think of the disk. @param {Layout} layout */
export const driverlessConfiguration = (layout) => dracutConfiguration(layout).replace('virtio_blk ', '');

export const SOURCES = `deb [trusted=yes] file:/opt/packages ./\n`;

/** Of these a repository lies on the guest's own disk: what an image is made with. */
export const OFFERED = ['kmod', 'dracut', 'dracut-core', 'udev', 'systemd'];
