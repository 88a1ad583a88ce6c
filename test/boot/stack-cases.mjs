// @ts-check
// Faults of a storage layer, in general words, on every stack that has such a layer; and near misses, which boot.
import { without } from './catalogue/edit.mjs';
import { readMembers, writeMembers } from './newc.mjs';
import { STACKS } from './stack-bases.mjs';

/** @typedef {import('./stack-bases.mjs').StackName} StackName */
/**
 * @typedef {object} StackCase
 * @property {string} name
 * @property {string | null} code the fault that is planted; null: the guest is sound, or has a flaw that harms nobody
 * @property {boolean | null} boots what is to be expected; null: the boot alone tells
 * @property {Partial<Record<StackName, Given>>} on
 *
 * @typedef {readonly (string | RegExp)[] | {append: (commandLine: string) => string}} Given
 *   members to remove, or the command line changed
 */

const WRONG = '0bad0bad-0000-4000-8000-0bad0bad0bad';

/** @param {...string} names */
const modules = (...names) => names.map((name) => new RegExp(`^usr/lib/modules/.*/${name}\\.ko$`));
/** @param {...string} names */
const rules = (...names) => names.map((name) => new RegExp(`/udev/rules\\.d/${name}\\.rules$`));
/** @param {string} name */
const program = (name) => [new RegExp(`^usr/s?bin/${name}$`)];

/** @param {RegExp} word @param {string} by */
const replaced = (word, by) => ({
  append: (/** @type {string} */ commandLine) => {
    const changed = commandLine.replace(word, by).replace(/ +/g, ' ').trim();
    if (changed === commandLine) throw new Error(`nothing changed in: ${commandLine}`);
    return changed;
  },
});

/** @param {string} code @param {string} name @param {StackCase['on']} on @returns {StackCase} */
const fault = (code, name, on, boots = /** @type {boolean | null} */ (false)) => ({ name, code, boots, on });
/** @param {string} name @param {StackCase['on']} on @returns {StackCase} */
const nearMiss = (name, on) => ({ name, code: null, boots: true, on });

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
    ahci: modules('nvme'),
    usb: modules('uas'),
  }),

  fault('filesystem_driver_missing', 'the module of the file system is gone', {
    ext4: modules('ext4'),
    xfs: modules('xfs'),
    btrfs: modules('btrfs'),
    'btrfs-two': modules('btrfs'),
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
    usr: modules('xfs'),
    '9p': modules('ext4'),
  }),
  fault('udev_rules_missing', 'the rules that gather the devices are gone', { 'btrfs-two': rules('64-btrfs') }),
  nearMiss('the rules that gather several devices are gone, and there is one', { btrfs: rules('64-btrfs') }),
  nearMiss('the program of the layer is gone, and nothing calls it', {
    'btrfs-two': program('btrfs'),
    'md-raid1': program('partx'),
  }),

  fault('lvm_missing', 'the program of the layer is gone', {
    lvm: program('lvm'),
    'lvm-on-luks': program('lvm'),
    'lvm-on-md': program('lvm'),
    'lvm-thin': program('lvm'),
  }),
  fault('mdraid_missing', 'the program of the layer is gone', {
    'md-raid1': program('mdadm'),
    'lvm-on-md': program('mdadm'),
  }),
  nearMiss('the program that looks over the pool is gone, which is not insisted on', {
    'lvm-thin': program('thin_check'),
  }),
  fault('crypt_missing', 'the program of the layer is gone', {
    luks2: ['usr/lib/systemd/systemd-cryptsetup'],
    'lvm-on-luks': ['usr/lib/systemd/systemd-cryptsetup'],
    'luks2-typed': ['usr/lib/systemd/systemd-cryptsetup'],
  }),
  fault(
    'unit_missing',
    'the unit that asks at the console is gone',
    { 'luks2-typed': [/\/systemd-ask-password-console\.service$/] },
    null,
  ),
  fault(
    'crypt_missing',
    'the program that asks at the console is gone',
    { 'luks2-typed': program('systemd-tty-ask-password-agent') },
    null,
  ),
  fault('crypt_missing', 'the generator of the layer is gone', {
    luks2: ['usr/lib/systemd/system-generators/systemd-cryptsetup-generator'],
  }),
  fault('lvm_missing', 'the script that activates the layer is gone', { lvm: program('lvm_scan') }),
  fault('lvm_missing', 'the rules that activate the layer are gone', {
    lvm: rules('64-lvm'),
    'lvm-on-luks': rules('64-lvm'),
    'lvm-on-md': rules('64-lvm'),
    'lvm-thin': rules('64-lvm'),
  }),
  fault('mdraid_missing', 'the rules that assemble the layer are gone', {
    'md-raid1': rules('65-md-incremental-imsm'),
    'lvm-on-md': rules('65-md-incremental-imsm'),
  }),
  fault('lvm_missing', 'the rules that name the layer are gone', { lvm: rules('56-lvm') }, null),
  fault('mdraid_missing', 'the rules that name the layer are gone', { 'md-raid1': rules('63-md-raid-arrays') }, null),
  fault(
    'udev_rules_missing',
    'the rules of device-mapper are gone',
    {
      lvm: rules('55-dm', '60-persistent-storage-dm', '11-dm', '59-persistent-storage-dm', '95-dm-notify'),
      luks2: rules('55-dm', '60-persistent-storage-dm', '11-dm', '59-persistent-storage-dm', '95-dm-notify'),
    },
    null,
  ),
  fault(
    'udev_rules_missing',
    'the rule that answers device-mapper is gone',
    { lvm: rules('95-dm-notify'), luks2: rules('95-dm-notify') },
    null,
  ),
  fault(
    'udev_rules_missing',
    'the rules that name what device-mapper makes are gone',
    { lvm: rules('55-dm'), luks2: rules('55-dm') },
    null,
  ),
  fault('lvm_missing', 'the program that answers device-mapper is gone', { lvm: program('dmsetup') }),
  fault('crypt_missing', 'the program that answers device-mapper is gone', { luks2: program('dmsetup') }),
  nearMiss('the rules that look into device-mapper devices are gone, and nobody asks them', {
    lvm: rules('60-persistent-storage-dm', '59-persistent-storage-dm'),
  }),
  fault('dm_target_missing', 'the module of the layer is gone', {
    lvm: modules('dm-mod'),
    luks2: modules('dm-crypt'),
    'luks2-typed': modules('dm-crypt'),
    'md-raid1': modules('raid1'),
    'lvm-on-md': modules('raid1'),
    'lvm-thin': modules('dm-thin-pool'),
  }),
  fault('module_dependency_missing', 'a module that the layer depends on is gone', {
    'md-raid1': modules('md-mod'),
    luks2: modules('dm-mod'),
    'lvm-on-md': modules('dm-mod'),
    'lvm-thin': modules('dm-persistent-data'),
  }),
  fault('crypto_driver_missing', 'the cipher mode of the layer is gone', { luks2: modules('xts') }),
  nearMiss('the module of another layer is gone', {
    lvm: modules('dm-crypt'),
    'md-raid1': modules('raid456'),
    luks2: modules('raid1'),
    'luks2-typed': modules('raid1'),
    'lvm-on-md': modules('raid456'),
    'lvm-thin': modules('dm-snapshot'),
  }),
  fault('luks_key_missing', 'the key of the layer is gone', { luks2: ['etc/lab.key'] }),

  fault('lv_unknown', 'the command line names another of the layer', {
    lvm: replaced(/rd\.lvm\.lv=\S+/, 'rd.lvm.lv=vg0/other'),
    'lvm-thin': replaced(/rd\.lvm\.lv=\S+/, 'rd.lvm.lv=vg0/pool'),
  }),
  fault('md_unlisted', 'the command line names another of the layer', {
    'md-raid1': replaced(/rd\.md\.uuid=\S+/, 'rd.md.uuid=0bad0bad:00004000:80000bad:0bad0bad'),
    'lvm-on-md': replaced(/rd\.md\.uuid=\S+/, 'rd.md.uuid=0bad0bad:00004000:80000bad:0bad0bad'),
  }),
  fault('luks_unlisted', 'the command line names another of the layer', {
    luks2: replaced(/rd\.luks\.uuid=\S+/, `rd.luks.uuid=${WRONG}`),
    'luks2-typed': replaced(/rd\.luks\.uuid=\S+/, `rd.luks.uuid=${WRONG}`),
  }),
  fault('lv_unlisted', 'the command line does not name the layer', { lvm: replaced(/rd\.lvm\.lv=\S+/, '') }),
  fault('md_unlisted', 'the command line does not name the layer', { 'md-raid1': replaced(/rd\.md\.uuid=\S+/, '') }),
  fault('luks_unlisted', 'the command line does not name the layer', {
    luks2: replaced(/rd\.luks\.uuid=\S+ rd\.luks\.key=\S+/, ''),
  }),
  fault('root_unknown', 'root= names another file system', {
    xfs: replaced(/root=\S+/, `root=UUID=${WRONG}`),
    lvm: replaced(/root=\S+/, 'root=/dev/mapper/vg0-other'),
    '9p': replaced(/root=\S+/, 'root=virtfs:other'),
  }),
  fault('filesystem_driver_missing', 'rootfstype= names another', { xfs: replaced(/$/, ' rootfstype=ext4') }, null),
  nearMiss('the layer is named in another way', {
    lvm: replaced(/rd\.lvm\.lv=\S+/, 'rd.lvm.vg=vg0'),
    'md-raid1': replaced(/rd\.md\.uuid=\S+/, 'rd.auto=1'),
    luks2: replaced(/rd\.luks\.uuid=/, 'rd.luks.uuid=luks-'),
    'luks2-typed': replaced(/rd\.luks\.uuid=/, 'rd.luks.uuid=luks-'),
    'lvm-thin': replaced(/rd\.lvm\.lv=\S+/, 'rd.lvm.vg=vg0'),
    'lvm-on-md': replaced(/rd\.md\.uuid=\S+/, 'rd.auto=1'),
    'virtio-scsi': replaced(/root=\S+/, 'root=LABEL=labroot'),
  }),

  fault(
    'unit_missing',
    'what reads the fstab of the root is gone',
    {
      usr: ['usr/lib/systemd/system/initrd-parse-etc.service'],
    },
    null,
  ),
  fault('resume_unknown', 'resume= names nothing', { resume: replaced(/resume=\S+/, `resume=UUID=${WRONG}`) }, null),
  nearMiss('what resumes is gone, and nothing is to be resumed', {
    resume: [/systemd-hibernate-resume$/],
  }),
];

/**
 * @param {Buffer} image
 * @param {StackName} base
 * @param {Given} given
 * @returns {{image: Buffer, append: string}}
 */
export function planted(image, base, given) {
  const { commandLine } = STACKS[base];
  if ('append' in given) return { image, append: given.append(commandLine) };
  return { image: writeMembers(without(readMembers(image), ...given)), append: commandLine };
}
