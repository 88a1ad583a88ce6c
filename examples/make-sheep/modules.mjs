// The modules of the sheep's kernel: a real kernel's own, fewer of them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the sheep's disks, file systems and keyboards want. What these depend on comes with them. */
const WANTED = [
  ...['virtio_blk', 'virtio_pci', 'virtio_scsi', 'virtio_net', 'virtio_console', 'virtio_balloon'],
  ...['ahci', 'ata_piix', 'sd_mod', 'sr_mod', 'sg', 'nvme', 'ext4', 'xfs', 'crc32c_generic', 'crc32c_intel'],
  ...['dm_mod', 'dm_mirror', 'dm_snapshot', 'dm_crypt', 'crct10dif_pclmul', 'crct10dif_generic'],
  ...['usbhid', 'hid_generic', 'usb_storage', 'psmouse'],
];

/** All that the odd sheep's image has, dependencies included. */
export const ODD_SHEEP_HAS = [
  ...['crc16', 'crc32c_generic', 'ext4', 'jbd2', 'mbcache'],
  ...['dm_mod', 'dm_log', 'dm_mirror', 'dm_region_hash'],
  ...['cdrom', 'scsi_common', 'scsi_mod'],
];

/** @param {string} path */
const nameOf = (path) => path.replace(/^.*\/|\.ko.*$/g, '').replaceAll('-', '_');

/**
 * Paths of WANTED and of all that they depend on, as `modules.dep` has them, sorted.
 * @param {string} kernel
 * @param {string} dir holds `lib/modules/KERNEL`
 */
export function modulePaths(kernel, dir) {
  const lines = readFileSync(join(dir, 'lib/modules', kernel, 'modules.dep'), 'utf8')
    .trimEnd()
    .split('\n');
  const depends = new Map(lines.map((line) => line.split(':')).map(([path, rest]) => [path, rest.trim().split(' ')]));
  const byName = new Map([...depends.keys()].map((path) => [nameOf(path), path]));
  const found = new Set();
  for (const name of WANTED) {
    const path = byName.get(name);
    if (path === undefined) throw new Error(`${kernel} has no module ${name}`);
    for (const each of [path, ...depends.get(path)]) if (each !== '') found.add(each);
  }
  return [...found].sort();
}

export const moduleNames = (paths) => paths.map(nameOf).sort();
