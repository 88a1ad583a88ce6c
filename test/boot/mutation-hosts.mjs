// @ts-check
// The sound hosts that mutations start from, with the drivers that each cannot do without; and their images, packed as hosts
// pack them.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { BASES, DISK_RECIPE, ROOT, base } from './bases.mjs';
import { diskRecipe, stackBase } from './build-stack.mjs';
import { packed } from './catalogue/pack.mjs';

/** @typedef {import('./bases.mjs').BaseName} BaseName */
/** @typedef {import('./stack-bases.mjs').StackName} StackName */
/** @typedef {import('./mutate.mjs').Packing} Packing */

const VIRTIO_BLK = ['virtio_blk', 'virtio_pci'];

/** @satisfies {Partial<Record<BaseName | StackName, readonly string[]>>} */
const DRIVERS = {
  'dracut-059-systemd': VIRTIO_BLK,
  'dracut-059': VIRTIO_BLK,
  'dracut-106-systemd': VIRTIO_BLK,
  'initramfs-tools-0.142': VIRTIO_BLK,
  'virtio-scsi': ['virtio_scsi', 'virtio_pci', 'sd_mod'],
  nvme: ['nvme', 'ext4'],
  ahci: ['ahci', 'sd_mod', 'ext4'],
  usb: ['xhci_pci', 'usb_storage', 'sd_mod', 'ext4'],
  ext4: [...VIRTIO_BLK, 'ext4'],
  xfs: [...VIRTIO_BLK, 'xfs'],
  btrfs: [...VIRTIO_BLK, 'btrfs'],
  lvm: [...VIRTIO_BLK, 'dm_mod'],
  'md-raid1': [...VIRTIO_BLK, 'raid1'],
  luks2: [...VIRTIO_BLK, 'dm_crypt'],
};

/** @typedef {keyof typeof DRIVERS} HostName */
/** Seeds choose from it by number: what is added belongs at its end. */
export const HOSTS = /** @type {HostName[]} */ (Object.keys(DRIVERS));

/** As dracut and mkinitramfs call the programs, but quicker. */
const HOW = /** @type {const} */ ({ gzip: 'gzip', zstd: 'zstd with a checksum', xz: 'xz crc32' });

/** @param {HostName} name */
export function hostOf(name) {
  const drivers = DRIVERS[name];
  if (isBase(name)) {
    const { kernel, vmlinuz, image, disk, root } = base(name);
    const machine = { kernel: vmlinuz, disk, append: ROOT, bus: /** @type {const} */ ('virtio-blk') };
    return { name, drivers, image, machine, diskRecipe: DISK_RECIPE, captured: { root, kernel } };
  }
  const { kernel, vmlinuz, image, disks, root, commandLine, bus } = stackBase(name);
  const machine = { kernel: vmlinuz, disk: disks, append: commandLine, bus };
  return { name, drivers, image, machine, diskRecipe: diskRecipe(name), captured: { root, kernel } };
}

/** @typedef {ReturnType<typeof hostOf>} Host */

/** @param {HostName} name @returns {name is BaseName} */
const isBase = (name) => name in BASES;

/**
 * The host's image as it is packed; kept beside the plain one.
 * @param {Host} host
 * @param {Packing} packing
 * @returns {Buffer}
 */
export function imageOf({ image }, packing) {
  if (packing === 'plain') return readFileSync(image);
  const kept = `${image}.${packing}`;
  if (!existsSync(kept)) {
    writeFileSync(`${kept}.part-${process.pid}`, packed(readFileSync(image), HOW[packing]));
    renameSync(`${kept}.part-${process.pid}`, kept);
  }
  return readFileSync(kept);
}
