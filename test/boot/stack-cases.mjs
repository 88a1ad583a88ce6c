// @ts-check
// Faults of what a root is stored on, in general words, on every stack that has it; and near misses, which boot.
import { withFile, without } from './catalogue/edit.mjs';
import { readMembers, writeMembers } from './newc.mjs';
import { STACKS, SWAP_UUID } from './stack-bases.mjs';
import { added, fault, modules, nearMiss, program, replaced, rules } from './stack-case.mjs';
import { LAYER_CASES } from './stack-layer-cases.mjs';

/** @typedef {import('./stack-case.mjs').StackName} StackName */
/** @typedef {import('./stack-case.mjs').StackCase} StackCase */
/** @typedef {import('./stack-case.mjs').Given} Given */

const WRONG = '0bad0bad-0000-4000-8000-0bad0bad0bad';

/** @type {readonly StackCase[]} */
export const STACK_CASES = [
  fault('driver_missing', 'the driver of the bus is gone', {
    'virtio-scsi': modules('virtio_scsi'),
    nvme: modules('nvme'),
    ahci: modules('ahci'),
    usb: modules('usb-storage'),
  }),
  fault('driver_missing', 'the driver of the host controller is gone', {
    'virtio-scsi': modules('virtio_pci'),
    usb: modules('xhci-pci'),
  }),
  fault('driver_missing', 'the driver of disks is gone', {
    'virtio-scsi': modules('sd_mod'),
    ahci: modules('sd_mod'),
    usb: modules('sd_mod'),
  }),
  fault('module_dependency_missing', 'a module that the driver of the bus depends on is gone', {
    'virtio-scsi': modules('scsi_mod'),
    nvme: modules('nvme-core'),
    ahci: modules('libahci'),
    usb: modules('usbcore'),
  }),
  nearMiss('the driver of another bus is gone', {
    'virtio-scsi': modules('virtio_blk'),
    nvme: modules('ahci'),
    bcache: modules('virtio_scsi'),
    'bcache-scripts': modules('virtio_scsi'),
    ahci: modules('nvme'),
    usb: modules('uas'),
  }),

  fault('filesystem_driver_missing', 'the module of the file system is gone', {
    ext4: modules('ext4'),
    xfs: modules('xfs'),
    btrfs: modules('btrfs'),
    'btrfs-two': modules('btrfs'),
    'btrfs-two-scripts': modules('btrfs'),
    '9p': modules('9p'),
  }),
  fault('module_dependency_missing', 'a module that the file system depends on is gone', {
    ext4: modules('jbd2'),
    xfs: modules('libcrc32c'),
    btrfs: modules('raid6_pq'),
    '9p': modules('9pnet'),
  }),
  fault('driver_missing', 'the driver of what brings the file system is gone', { '9p': modules('9pnet_virtio') }),
  fault('script_missing', 'the script that mounts the root is gone', {
    '9p': [/\/hooks\/mount\/99-mount-virtfs\.sh$/],
  }),
  nearMiss('the driver of disks is gone, and the root is on none', { '9p': modules('virtio_blk', 'sd_mod') }),
  fault('kmod_missing', 'the program that the kernel has load the file system is gone', {
    ext4: program('modprobe'),
    xfs: program('modprobe'),
  }),
  fault('modprobe_redirected', 'the image has the kernel call a program that is not there', {
    ext4: added({ 'etc/sysctl.d/99-lab.conf': 'kernel.modprobe = /opt/no-such\n' }),
    xfs: added({ 'etc/sysctl.d/99-lab.conf': 'kernel.modprobe = /opt/no-such\n' }),
  }),
  fault('modprobe_redirected', 'the command line has the kernel call a program that is not there', {
    ext4: replaced(/$/, ' sysctl.kernel.modprobe=/opt/no-such'),
    xfs: replaced(/$/, ' sysctl.kernel.modprobe=/opt/no-such'),
  }),
  fault(
    'crypto_driver_missing',
    'the checksum that the file system asks for by name is gone',
    { ext4: modules('crc32c_generic') },
    null,
  ),
  nearMiss('the module of another file system is gone', {
    ext4: modules('xfs'),
    xfs: modules('btrfs'),
    btrfs: modules('xfs'),
    'btrfs-two': modules('xfs'),
    'btrfs-two-scripts': modules('xfs'),
    usr: modules('xfs'),
    '9p': modules('ext4'),
  }),
  fault('btrfs_missing', 'the rules that gather the devices are gone', {
    'btrfs-two': rules('64-btrfs'),
    'btrfs-two-scripts': rules('64-btrfs'),
  }),
  nearMiss('the rules that gather several devices are gone, and there is one', { btrfs: rules('64-btrfs') }),
  nearMiss('the program of the layer is gone, and nothing calls it', {
    'btrfs-two': program('btrfs'),
    'md-raid1': program('partx'),
  }),

  fault('root_unknown', 'root= names another file system', {
    xfs: replaced(/root=\S+/, `root=UUID=${WRONG}`),
    lvm: replaced(/root=\S+/, 'root=/dev/mapper/vg0-other'),
    '9p': replaced(/root=\S+/, 'root=virtfs:other'),
  }),
  nearMiss('the subvolume is named that is mounted without a name', {
    btrfs: replaced(/$/, ' rootflags=subvol=/'),
    'btrfs-two': replaced(/$/, ' rootflags=subvol=/'),
  }),
  fault('root_unknown', 'root= names a swap space', { resume: replaced(/root=\S+/, `root=UUID=${SWAP_UUID}`) }),
  fault('filesystem_driver_missing', 'rootfstype= names another', { xfs: replaced(/$/, ' rootfstype=ext4') }, null),
  fault(
    'unit_missing',
    'what reads the fstab of the root is gone',
    {
      usr: ['usr/lib/systemd/system/initrd-parse-etc.service'],
    },
    null,
  ),
  fault('boot_interrupted', 'the command line has dracut open a shell', {
    ext4: replaced(/$/, ' rd.break=pre-mount'),
    xfs: replaced(/$/, ' rd.break'),
  }),
  fault('boot_interrupted', 'the command line has systemd in the image go no further than a shell', {
    ext4: replaced(/$/, ' rd.systemd.unit=emergency.target'),
    xfs: replaced(/$/, ' rd.rescue'),
  }),
  fault('boot_interrupted', 'the command line starts a shell in the place of the image’s init', {
    ext4: replaced(/$/, ' rdinit=/bin/sh'),
    xfs: replaced(/$/, ' rdinit=/bin/sh'),
  }),
  nearMiss('the command line has dracut open a shell at a point that it does not know', {
    ext4: replaced(/$/, ' rd.break=pre-shutdown'),
    xfs: replaced(/$/, ' rd.break=pre-shutdown'),
  }),
  nearMiss('the command line has words of another generator', { ext4: replaced(/$/, ' break=premount') }),
  fault('resume_unknown', 'resume= names nothing', { resume: replaced(/resume=\S+/, `resume=UUID=${WRONG}`) }, null),
  nearMiss('what resumes is gone, and nothing is to be resumed', {
    resume: [/systemd-hibernate-resume$/],
  }),

  ...LAYER_CASES,
];

/**
 * @param {Buffer} image
 * @param {StackName} base
 * @param {Given} given
 * @returns {{image: Buffer, append: string}}
 */
export function planted(image, base, given) {
  const { commandLine } = STACKS[base];
  if (isRemoval(given)) return { image: writeMembers(without(readMembers(image), ...given)), append: commandLine };
  const { append = (/** @type {string} */ words) => words, files = {} } = given;
  if (Object.keys(files).length === 0) return { image, append: append(commandLine) };
  /** @type {readonly import('./newc.mjs').Member[]} */
  let members = readMembers(image);
  for (const [path, text] of Object.entries(files))
    members = withFile(members, path, text, text.startsWith('#!') ? 0o100755 : 0o100644);
  return { image: writeMembers(members), append: append(commandLine) };
}

/** @param {Given} given @returns {given is readonly (string | RegExp)[]} */
const isRemoval = (given) => Array.isArray(given);
