// @ts-check
// Storage stacks, each a base of its own: what its root is stored on, what its image needs for it, and what the command
// line and the root's own files say of it. Where nothing else is said they are dracut's, with systemd; on Debian 12's kernels.
// A separate /boot is none of them: QEMU loads kernel and image itself, so that no boot here would read it. A guest that its own
// loader starts has one (loaders/bases.mjs).
import { btrfs, ext4, xfs } from './guests/file-systems.mjs';
import { MOUNT_TAG } from './oracle.mjs';
import { INITRAMFS_TOOLS_STACKS } from './stack-initramfs-tools.mjs';
import { BY_UUID, LONG, ONE, PLAIN, TWO, UUID, fstab } from './stack-parts.mjs';
import { VOLUME_STACKS } from './stack-volumes.mjs';

/** @typedef {import('./stack-parts.mjs').Stack} Stack */

const USR_UUID = '5e11be11-0000-4000-8000-0be11be11be4';
export const SWAP_UUID = '5e11be11-0000-4000-8000-0be11be11be5';

/** @satisfies {Record<string, Stack>} */
const OF_THIS_DEBIAN = {
  'virtio-scsi': { ...PLAIN, kernel: 'cloud', bus: 'virtio-scsi' },
  // The cloud kernel has NVMe built in, and neither AHCI nor USB at all.
  nvme: { ...PLAIN, kernel: 'generic', bus: 'nvme' },
  ahci: { ...PLAIN, kernel: 'generic', bus: 'ahci' },
  usb: { ...PLAIN, kernel: 'generic', bus: 'usb' },
  // ext4 is built into the cloud kernel; here it is a module.
  ext4: { ...PLAIN, kernel: 'generic', bus: 'virtio-blk' },
  // As distributions have it built. The disk of the machine that builds it is another one.
  'host-only': {
    ...PLAIN,
    kernel: 'generic',
    bus: 'virtio-blk',
    hostOnly: true,
    arguments: "--no-early-microcode --add-drivers 'virtio_blk virtio_pci ext4'",
  },
  xfs: {
    ...PLAIN,
    kernel: 'cloud',
    bus: 'virtio-blk',
    packages: ['xfsprogs'],
    files: fstab(`UUID=${UUID}`, 'xfs'),
    lay: (host) => host.sh(xfs(UUID, '/tmp/disk0'), LONG),
  },
  btrfs: {
    ...PLAIN,
    kernel: 'cloud',
    bus: 'virtio-blk',
    modules: 'btrfs',
    packages: ['btrfs-progs'],
    files: fstab(`UUID=${UUID}`, 'btrfs'),
    lay: (host) => host.sh(btrfs(UUID, ONE), LONG),
  },
  'btrfs-two': {
    ...PLAIN,
    kernel: 'cloud',
    bus: 'virtio-blk',
    modules: 'btrfs',
    packages: ['btrfs-progs'],
    files: fstab(`UUID=${UUID}`, 'btrfs'),
    disks: TWO,
    lay: (host) => host.sh(btrfs(UUID, TWO), LONG),
  },
  // As a module, on another bus, mounted by dracut's own scripts.
  'btrfs-two-scripts': {
    ...PLAIN,
    kernel: 'generic',
    bus: 'nvme',
    modules: 'btrfs',
    withoutSystemd: true,
    packages: ['btrfs-progs'],
    files: fstab(`UUID=${UUID}`, 'btrfs'),
    disks: TWO,
    lay: (host) => host.sh(btrfs(UUID, TWO), LONG),
  },
  ...VOLUME_STACKS,
  ...INITRAMFS_TOOLS_STACKS,
  // A folder of this machine, which the guest does not write to. The cloud kernel does not know 9p; and systemd would take
  // what root= says for a device.
  '9p': {
    ...PLAIN,
    kernel: 'generic',
    bus: '9p',
    modules: 'virtfs',
    withoutSystemd: true,
    commandLine: `root=virtfs:${MOUNT_TAG} ro`,
    files: fstab(MOUNT_TAG, '9p'),
    disks: ['/tmp/guest'],
    layers: [],
    lay: (host) => host.sh('chroot /tmp/guest /bin/busybox --install -s /busybox'),
  },
  // The root holds links into /usr alone, so that nothing of it runs before /usr is mounted.
  usr: {
    ...PLAIN,
    kernel: 'cloud',
    bus: 'virtio-blk',
    files: fstab(`UUID=${UUID}`, 'ext4', `UUID=${USR_UUID} /usr ext4 defaults 0 1\n`),
    disks: TWO,
    lay: (host) =>
      host.sh(
        `cd /tmp/guest && rm lib/modules
         for dir in bin sbin lib lib64; do mkdir -p usr/$dir; cp -a $dir/. usr/$dir/; rm -r $dir; ln -s usr/$dir $dir; done
         mv usr /tmp/usr && mkdir usr
         ${ext4(UUID, '/tmp/disk0')}
         ${ext4(USR_UUID, '/tmp/disk1', '/tmp/usr')}`,
        LONG,
      ),
  },
  resume: {
    ...PLAIN,
    kernel: 'cloud',
    bus: 'virtio-blk',
    modules: 'resume',
    commandLine: `${BY_UUID} resume=UUID=${SWAP_UUID}`,
    files: fstab(`UUID=${UUID}`, 'ext4', `UUID=${SWAP_UUID} none swap sw 0 0\n`),
    disks: TWO,
    lay: async (host) => {
      await PLAIN.lay(host);
      await host.sh(`truncate -s 128M /tmp/disk1 && mkswap -q -U ${SWAP_UUID} /tmp/disk1`);
    },
  },
};

const TRIXIE = /** @type {const} */ ({ release: 'trixie' });
const FORKY = /** @type {const} */ ({ release: 'forky', metapackage: 'linux-image-cloud-amd64' });

/**
 * Of later releases: what is between a disk and / changes with systemd, LVM, cryptsetup, mdadm and multipath-tools, too.
 * @satisfies {Record<string, Stack>}
 */
const OF_LATER_DEBIAN = {
  'initramfs-tools-0.148-lvm-on-luks': { ...OF_THIS_DEBIAN['initramfs-tools-lvm-on-luks'], ...TRIXIE },
  'initramfs-tools-0.148-lvm-on-md': { ...OF_THIS_DEBIAN['initramfs-tools-lvm-on-md'], ...TRIXIE },
  'dracut-106-lvm-on-luks': {
    ...OF_THIS_DEBIAN['lvm-on-luks'],
    ...TRIXIE,
    modules: 'systemd-cryptsetup lvm',
    packages: [...OF_THIS_DEBIAN['lvm-on-luks'].packages, 'systemd-cryptsetup'],
  },
  'dracut-106-multipath': { ...OF_THIS_DEBIAN['multipath-named'], ...TRIXIE },
  'dracut-106-resume': { ...OF_THIS_DEBIAN.resume, ...TRIXIE },
  'dracut-112-lvm-on-md': { ...OF_THIS_DEBIAN['lvm-on-md'], ...FORKY },
};

export const STACKS = { ...OF_THIS_DEBIAN, ...OF_LATER_DEBIAN };

/**
 * Which stack of this machine's Debian one of a later release is like: it has that one's cases, too.
 * @type {Readonly<Record<string, StackName>>}
 */
export const LIKE = {
  'initramfs-tools-0.148-lvm-on-luks': 'initramfs-tools-lvm-on-luks',
  'initramfs-tools-0.148-lvm-on-md': 'initramfs-tools-lvm-on-md',
  'dracut-106-lvm-on-luks': 'lvm-on-luks',
  'dracut-106-multipath': 'multipath-named',
  'dracut-106-resume': 'resume',
  'dracut-112-lvm-on-md': 'lvm-on-md',
};

/** @typedef {keyof typeof STACKS} StackName */
