// @ts-check
// How the guest that mends itself is laid on one disk that its own loader boots from.
import { ext4 } from '../guests/file-systems.mjs';
import { linearVolume } from '../guests/lvm.mjs';

/** @typedef {import('./grub.mjs').Partition} Partition */
/**
 * @typedef {object} Layout
 * @property {string} boot where the loader finds what is below /boot: `/boot` or, on a partition of its own, nothing
 * @property {string} modules dracut's, besides those that every guest has
 * @property {string} commandLine
 * @property {string} fstab
 * @property {readonly number[]} types of the partitions
 * @property {readonly {top: string, at: number}[]} fileSystems where each begins on the disk, the root's last
 * @property {string} lay shell: `/tmp/guest`, of $(cat /tmp/size) MiB, becomes `/tmp/part1` and what follows it
 */

const UUID = '5e11be11-0000-4000-8000-0be11be11bea';
const BOOT_UUID = '5e11be11-0000-4000-8000-0be11be11beb';
const LINUX = 0x83;
const LVM = 0x8e;
const MIB = 1 << 20;
/** LVM's own default, from the start of the physical volume to its first extent. */
const EXTENTS_AT = MIB;
const BOOT_MIB = 512;
/** For the image that is built beside the old one, and for what the generator takes until then. */
const ROOM = 'expr $(cat /tmp/size) + 400 > /tmp/size.more && mv /tmp/size.more /tmp/size';

/** @satisfies {Record<string, Layout>} */
export const LAYOUTS = {
  ext4: {
    boot: '/boot',
    modules: '',
    commandLine: `root=UUID=${UUID} rw`,
    fstab: `UUID=${UUID} / ext4 defaults 0 1\n`,
    types: [LINUX],
    fileSystems: [{ top: '', at: MIB }],
    lay: `${ROOM}\n${ext4(UUID, '/tmp/part1')}`,
  },
  lvm: {
    boot: '',
    modules: 'lvm',
    commandLine: 'root=/dev/mapper/vg0-root rw rd.lvm.lv=vg0/root',
    fstab: `/dev/mapper/vg0-root / ext4 defaults 0 1\nUUID=${BOOT_UUID} /boot ext4 defaults 0 2\n`,
    types: [LINUX, LVM],
    fileSystems: [
      { top: '/boot', at: MIB },
      { top: '', at: MIB + BOOT_MIB * MIB + EXTENTS_AT },
    ],
    lay: `mv /tmp/guest/boot /tmp/boot && mkdir /tmp/guest/boot
      mkfs.ext4 -q -U ${BOOT_UUID} -d /tmp/boot /tmp/part1 ${BOOT_MIB}M 2>&1
      ${ROOM}\n${ext4(UUID, '/tmp/plain')}\n${linearVolume('/tmp/plain', '/tmp/part2')}`,
  },
};

/** @typedef {keyof typeof LAYOUTS} LayoutName */
