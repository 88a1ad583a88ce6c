// @ts-check
// Faults of the kernel modules. What these guests need is virtio_blk, on most bases with virtio_pci and
// what it depends on; virtio_scsi and sd_mod are there and nobody needs them.
import { ROOT } from '../bases.mjs';
import { ALL, DRACUT, MODULAR, PLAIN, SYSTEMD_106, SYSTEMD_59, TOOLS, fault, nearMiss } from './case.mjs';
import { changed, renamed, withFile, without } from './edit.mjs';
import { AFTER_SIGNATURE, compressed, pathOf, unsigned, withMagic, withModule } from './modules.mjs';

/** @typedef {import('./case.mjs').Sound} Sound */

const SIGNATURES = 'module.sig_enforce=1';

/** @param {...string} names */
const noModule =
  (...names) =>
  (/** @type {Sound} */ sound) =>
    without(sound.members, ...names.map((name) => pathOf(sound, name)));

/** @param {string} name */
const half = (name) => (/** @type {Sound} */ sound) =>
  changed(sound.members, pathOf(sound, name), (data) => data.subarray(0, data.length >> 1));

/** @param {string} name */
const zeroed = (name) => (/** @type {Sound} */ sound) =>
  changed(sound.members, pathOf(sound, name), (data) => Buffer.alloc(data.length));

/** @param {string} line */
const setting =
  (line) =>
  (/** @type {Sound} */ { members }) =>
    withFile(members, 'etc/modprobe.d/lab.conf', `${line}\n`);

const OTHER = '5.4.0-1-other';
/** @param {string} magic */
const otherKernel = (magic) => magic.replace(/^\S+/, OTHER).replace(/ modversions/, '');
/** @param {string} magic */
const otherVersion = (magic) => magic.replace(/^\S+/, OTHER);

/** @param {Buffer} elf */
function foreign(elf) {
  elf.writeUInt16LE(183, 18);
  return elf;
}

/**
 * @param {Buffer} elf
 * @param {number} at
 */
function flipped(elf, at) {
  if (at < 0) throw new Error('there is no such byte');
  elf.writeUInt8(elf.readUInt8(at) ^ 1, at);
  return elf;
}

/** @param {Buffer} elf */
const misspelt = (elf) => flipped(elf, elf.indexOf('\0description=Virtio') + 13);

/** @param {string} name */
const letter = (name) => (/** @type {Sound} */ sound) => withModule(sound, name, misspelt);

/** @param {Sound} sound */
const ofAnotherVersion = ({ members, modules }) => renamed(members, modules, modules.replace(/[^/]+$/, OTHER));

/** @type {readonly import('./case.mjs').Case[]} */
export const DRIVERS = [
  fault('driver_missing', 'no virtio_blk', ALL, noModule('virtio_blk'), { slow: true }),
  fault(
    'driver_missing',
    'no modules at all',
    [SYSTEMD_106, TOOLS],
    ({ members }) => without(members, /\.ko(\.xz)?$/),
    {
      slow: true,
    },
  ),
  nearMiss('driver_missing', 'no virtio_scsi', [SYSTEMD_106, PLAIN, TOOLS], noModule('virtio_scsi')),
  nearMiss('driver_missing', 'no disk driver but virtio_blk', [SYSTEMD_59, TOOLS], noModule('virtio_scsi', 'sd_mod')),

  fault('module_dependency_missing', 'no virtio_ring', MODULAR, noModule('virtio_ring'), { slow: true }),
  fault('module_dependency_missing', 'no virtio_pci_modern_dev', [TOOLS, PLAIN], noModule('virtio_pci_modern_dev'), {
    slow: true,
  }),
  nearMiss('module_dependency_missing', 'no scsi_common', [PLAIN, SYSTEMD_106, TOOLS], noModule('scsi_common')),

  fault('module_damaged', 'half of virtio_blk', [SYSTEMD_59, TOOLS], half('virtio_blk'), { slow: true }),
  fault('module_damaged', 'virtio_blk is zeros', [SYSTEMD_106, PLAIN], zeroed('virtio_blk'), { slow: true }),
  fault('module_damaged', 'half of what virtio_blk depends on', [PLAIN, TOOLS], half('virtio_ring'), { slow: true }),
  nearMiss('module_damaged', 'half of a module that nothing needs', [TOOLS, SYSTEMD_106], half('virtio_scsi')),

  fault('driver_blocked', 'blacklisted in the image', DRACUT, setting('blacklist virtio_blk'), { slow: true }),
  fault(
    'driver_blocked',
    'install sends it to /bin/false',
    [TOOLS, SYSTEMD_59],
    setting('install virtio_blk /bin/false'),
    {
      slow: true,
    },
  ),
  nearMiss(
    'driver_blocked',
    'another is blacklisted in the image',
    [SYSTEMD_59, PLAIN],
    setting('blacklist virtio_scsi'),
  ),
  // initramfs-tools loads by name too, but tells modprobe to heed blacklists (MODPROBE_OPTIONS=-qb).
  fault('driver_blocked', 'blacklisted, and loaded by name', [TOOLS], setting('blacklist virtio_blk'), { slow: true }),

  fault(
    'module_unsigned',
    'virtio_blk without its signature, which is demanded',
    ALL,
    (sound) => ({ image: withModule(sound, 'virtio_blk', unsigned), append: `${ROOT} ${SIGNATURES}` }),
    { slow: true },
  ),
  nearMiss('module_unsigned', 'virtio_blk without its signature', [PLAIN, SYSTEMD_106], (sound) =>
    withModule(sound, 'virtio_blk', unsigned),
  ),
  nearMiss('module_unsigned', 'virtio_scsi without its signature, which is demanded', [TOOLS, PLAIN], (sound) => ({
    image: withModule(sound, 'virtio_scsi', unsigned),
    append: `${ROOT} ${SIGNATURES}`,
  })),

  // The same letter each time, of a description that nothing reads.
  fault('module_damaged', 'one letter of virtio_blk, which is signed', ALL, letter('virtio_blk'), { slow: true }),
  nearMiss('module_damaged', 'one letter of virtio_blk, its signature taken off', [PLAIN, SYSTEMD_106], (sound) =>
    withModule(sound, 'virtio_blk', (elf) => misspelt(unsigned(elf))),
  ),
  nearMiss('module_damaged', 'one letter of virtio_scsi, which nothing needs', [PLAIN, TOOLS], letter('virtio_scsi')),
  fault(
    'module_damaged',
    'the last byte of the signature of virtio_blk',
    [SYSTEMD_59, TOOLS],
    (sound) => withModule(sound, 'virtio_blk', (elf) => flipped(elf, elf.length - AFTER_SIGNATURE - 1)),
    { slow: true },
  ),
  nearMiss('module_damaged', 'virtio_blk says that it was signed by a key that the kernel has not', ALL, (sound) =>
    withModule(sound, 'virtio_blk', (elf) => flipped(elf, elf.lastIndexOf('Build time autogenerated'))),
  ),

  fault(
    'vermagic_mismatch',
    'virtio_blk of another kernel',
    ALL,
    (sound) => withModule(sound, 'virtio_blk', withMagic(otherKernel)),
    { slow: true },
  ),
  fault(
    'vermagic_mismatch',
    'virtio_blk of another version, its symbols the same',
    [PLAIN, SYSTEMD_106],
    (sound) => withModule(sound, 'virtio_blk', withMagic(otherVersion)),
    { boots: null, slow: true },
  ),
  // A change would not fit the signature, which a kernel refuses even where it demands none.
  nearMiss(
    'vermagic_mismatch',
    'virtio_blk of another version, its symbols the same, not signed',
    [PLAIN, SYSTEMD_106],
    (sound) => withModule(sound, 'virtio_blk', (elf) => withMagic(otherVersion)(unsigned(elf))),
  ),
  nearMiss('vermagic_mismatch', 'virtio_scsi of another kernel', [SYSTEMD_106, PLAIN], (sound) =>
    withModule(sound, 'virtio_scsi', withMagic(otherKernel)),
  ),

  fault('wrong_arch', 'virtio_blk for arm64', [TOOLS, PLAIN], (sound) => withModule(sound, 'virtio_blk', foreign), {
    slow: true,
  }),
  nearMiss('wrong_arch', 'virtio_scsi for arm64', [SYSTEMD_106, PLAIN], (sound) =>
    withModule(sound, 'virtio_scsi', foreign),
  ),

  fault('version_mismatch', 'modules of another version', ALL, ofAnotherVersion, { slow: true }),
  nearMiss('version_mismatch', 'modules of two versions', [PLAIN, SYSTEMD_106], (sound) => [
    ...sound.members,
    ...ofAnotherVersion(sound).filter(({ name }) => name.includes(`/${OTHER}`)),
  ]),

  fault(
    'module_compression_unsupported',
    'gzip, which kmod does not read',
    [TOOLS, PLAIN],
    (sound) => compressed(sound, 'gz'),
    { slow: true },
  ),
  nearMiss('module_compression_unsupported', 'xz, which kmod reads', [PLAIN, TOOLS], (sound) =>
    compressed(sound, 'xz'),
  ),
];
