// @ts-check
// Faults of LVM, md and LUKS, in general words, on every stack that has such a layer; and near misses, which boot.
import { added, fault, modules, nearMiss, program, replaced, rules } from './stack-case.mjs';
import { UUID } from './stack-parts.mjs';
import { LUKS_UUID } from './stack-volumes.mjs';

const WRONG = '0bad0bad-0000-4000-8000-0bad0bad0bad';
/** A list of devices that has another, and whether LVM is to go by it. */
const otherDevices = (/** @type {0 | 1} */ used) =>
  added({
    'etc/lvm/devices/system.devices':
      'VERSION=1.1.1\nIDTYPE=devname IDNAME=/dev/vdz DEVNAME=/dev/vdz PVID=0bad0bad0bad0bad0bad0bad0bad0bad\n',
    'etc/lvm/lvm.conf': `devices {\n\tuse_devicesfile = ${used}\n}\n`,
  });
const noDevices = (/** @type {0 | 1} */ used) =>
  added({
    'etc/lvm/devices/system.devices': '# nothing is listed\nVERSION=1.1.1\n',
    'etc/lvm/lvm.conf': `devices {\n\tuse_devicesfile = ${used}\n}\n`,
  });
/** As Debian's lvm.conf says what LVM was built with. */
const UNUSED_BESIDE_FILTER = added({
  'etc/lvm/devices/system.devices': '# nothing is listed\nVERSION=1.1.1\n',
  'etc/lvm/lvm.conf': 'devices {\n\t# use_devicesfile = 0\n\tfilter = [ "a|^/dev/sd|", "r|.*|" ]\n}\n',
});
const OTHER_CRYPTTAB = added({ 'etc/crypttab': `luks-${LUKS_UUID} UUID=${WRONG} /etc/lab.key luks\n` });
const OTHER_ARRAY_LINE = 'ARRAY /dev/md0 metadata=1.2 name=lab:0 UUID=0bad0bad:00004000:80000bad:0bad0bad\n';
const OTHER_ARRAY = added({ 'etc/mdadm.conf': OTHER_ARRAY_LINE });
const OTHER_ARRAY_OF_DEBIAN = added({ 'etc/mdadm/mdadm.conf': OTHER_ARRAY_LINE });
/** Where cryptsetup-initramfs keeps what it unlocks, and by which key. */
const table = (/** @type {string} */ text) => added({ 'cryptroot/crypttab': text });
const LAB_KEY = 'cryptroot/keyfiles/lab_crypt.key';

/** As lvm2 before 2.03.15: no rule activates volumes, and a script does so for the one that `root=` names. */
const activatedByName = (/** @type {string} */ command) =>
  added({
    'usr/lib/udev/rules.d/69-lvm.rules': '# leaves it to a unit\n',
    'scripts/local-block/ORDER': '/scripts/local-block/lvm2 "$@"\n[ -e /conf/param.conf ] && . /conf/param.conf\n',
    'scripts/local-block/lvm2': `#!/bin/sh\n[ "$1" != prereqs ] || exit 0\n${command}\n`,
  });
const BY_NAME = activatedByName('case "$1" in /dev/mapper/*) lvm lvchange -aay -y --sysinit vg0/root ;; esac');

const lvmConf = (/** @type {string} */ text) => added({ 'etc/lvm/lvm.conf': text });
const REJECTS_IT = lvmConf('devices {\n\tfilter = [ "a|^/dev/sd|", "r|.*|" ] # of the old hardware\n}\n');

/**
 * LVM's settings, of which the image has a copy.
 * @type {readonly import('./stack-case.mjs').StackCase[]}
 */
const LVM_CONF_CASES = [
  fault('lvm_devices_stale', "the image's list of devices lists nothing", {
    lvm: noDevices(1),
    'lvm-thin': noDevices(1),
    'lvm-on-md': noDevices(1),
  }),
  nearMiss("the image's list of devices lists nothing, and nobody goes by it", {
    lvm: noDevices(0),
    'lvm-on-md': noDevices(0),
  }),
  fault(
    'lvm_passed_over',
    "the image's filter has the disks of other hardware, and a list that nobody goes by is there",
    {
      lvm: UNUSED_BESIDE_FILTER,
      'initramfs-tools-lvm': UNUSED_BESIDE_FILTER,
    },
  ),
  fault('lvm_passed_over', "the image's filter has the disks of other hardware", {
    lvm: REJECTS_IT,
    'lvm-on-md': REJECTS_IT,
    'initramfs-tools-lvm': REJECTS_IT,
  }),
  nearMiss("the image's filter has the disks of other hardware, and is left out", {
    lvm: { ...REJECTS_IT, ...replaced(/$/, ' rd.lvm.conf=0') },
  }),
  nearMiss("the image's filter has the disk by another name", {
    lvm: lvmConf('devices { global_filter = [ "a|^/dev/disk/by-path/|", "r|.*|" ] }\n'),
  }),
  fault('lvm_passed_over', "the image's filter has the disk by another name, which udev makes too late", {
    'initramfs-tools-lvm': lvmConf('devices { filter = [ "a|^/dev/disk/by-path/|", "r|.*|" ] }\n'),
  }),
  nearMiss("the image's filter has LVM pass over other disks", {
    lvm: lvmConf('devices { filter = "r|/dev/sd[ab]|" }\n'),
    'initramfs-tools-lvm': lvmConf('devices/filter = [ "r(/dev/sd[ab])" ]\n'),
  }),
  fault('lvm_passed_over', "the image's filter has a slip", {
    lvm: lvmConf('devices { filter = [ "a|^/dev/vd" ] }\n'),
    'initramfs-tools-lvm': lvmConf('devices { filter = [ "a|^/dev/vd" ] }\n'),
  }),
  fault('lvm_passed_over', 'the settings of the layer are cut off', {
    lvm: lvmConf('devices {\n\tdir = "/dev"\n'),
    'initramfs-tools-lvm': lvmConf('devices {\n\tdir = "/dev"\n'),
  }),
  fault('lvm_passed_over', 'the settings of the layer are zeros', {
    'initramfs-tools-lvm': lvmConf('\0'.repeat(4096)),
  }),
  fault('lvm_passed_over', 'the settings list the volumes of others', {
    lvm: lvmConf('activation { volume_list = [ "vg1", "vg0/other" ] }\n'),
    'lvm-thin': lvmConf('activation { volume_list = [ "vg1" ] }\n'),
    'initramfs-tools-lvm': lvmConf('activation { volume_list = [ "vg1" ] }\n'),
  }),
  nearMiss('the settings list the volume', {
    lvm: lvmConf('activation { volume_list = [ "vg1", "vg0/root" ] }\n'),
    'lvm-thin': lvmConf('activation { volume_list = [ "vg0/root" ] }\n'),
    'initramfs-tools-lvm': lvmConf('activation { volume_list = [ "vg0" ] }\n'),
  }),
  fault('lvm_passed_over', 'the settings list nothing for what udev activates', {
    'initramfs-tools-lvm': lvmConf('activation { auto_activation_volume_list = [ ] }\n'),
  }),
  nearMiss('the settings list nothing for what udev activates, and a script does it', {
    lvm: lvmConf('activation { auto_activation_volume_list = [ ] }\n'),
  }),
];

/** Links that lead to programs: to the kernel and to udev's rules these are at one path. */
const SBIN = ['sbin'];
const SBIN_CASES = [
  fault(
    'kmod_missing',
    'the link by which the kernel finds modprobe is gone',
    {
      ext4: SBIN,
      xfs: SBIN,
      'btrfs-two-scripts': SBIN,
      luks2: SBIN,
      'md-raid1': SBIN,
      lvm: SBIN,
      'lvm-thin': SBIN,
      'host-only': SBIN,
      'initramfs-tools-luks2': SBIN,
      'initramfs-tools-md-raid1': SBIN,
      'dracut-106-lvm-on-luks': SBIN,
      'dracut-106-resume': SBIN,
    },
    null,
  ),
];

/**
 * What only initramfs-tools has.
 * @type {readonly import('./stack-case.mjs').StackCase[]}
 */
const GENERATED_CASES = [
  fault('luks_unlisted', "the image's table lists nothing", {
    'initramfs-tools-luks2': table('# nothing\n'),
    'initramfs-tools-lvm-on-luks': table('# nothing\n'),
  }),
  fault('luks_unlisted', "the image's table lists another volume", {
    'initramfs-tools-luks2': table(`other_crypt UUID=${WRONG} /${LAB_KEY} luks,initramfs\n`),
    'initramfs-tools-lvm-on-luks': table(`other_crypt UUID=${WRONG} none luks,initramfs\n`),
  }),
  fault('luks_unlisted', 'the image calls the layer otherwise than root= does', {
    'initramfs-tools-luks2': {
      ...table(`other_crypt UUID=${LUKS_UUID} /${LAB_KEY} luks,initramfs\n`),
      ...replaced(/root=\S+/, 'root=/dev/mapper/lab_crypt'),
    },
  }),
  nearMiss('the image calls the layer otherwise than the host, and / is named by its UUID', {
    'initramfs-tools-luks2': table(`other_crypt UUID=${LUKS_UUID} /${LAB_KEY} luks,initramfs\n`),
  }),
  fault('luks_unlisted', 'the command line unlocks another, and the table is passed over', {
    'initramfs-tools-luks2': replaced(/$/, ` cryptopts=target=lab_crypt,source=UUID=${WRONG},key=/${LAB_KEY},luks`),
    'initramfs-tools-lvm-on-luks': replaced(/$/, ' cryptopts='),
  }),
  nearMiss('the table lists nothing, and the command line says what to unlock', {
    'initramfs-tools-luks2': {
      ...table('# nothing\n'),
      ...replaced(/$/, ` cryptopts=target=lab_crypt,source=UUID=${LUKS_UUID},key=/${LAB_KEY},luks`),
    },
  }),
  fault('luks_key_missing', 'the key of the layer lies on it', {
    'initramfs-tools-luks2': table(`lab_crypt UUID=${LUKS_UUID} /FIXME-initramfs-rootmnt/etc/lab.key luks,initramfs\n`),
  }),
  fault('crypt_missing', 'the table of what to unlock is gone', {
    'initramfs-tools-luks2': ['cryptroot/crypttab'],
    'initramfs-tools-lvm-on-luks': ['cryptroot/crypttab'],
  }),
  fault('crypt_missing', 'the script that unlocks is gone, and one that calls it is there', {
    'initramfs-tools-luks2': ['scripts/local-top/cryptroot'],
  }),
  fault('crypt_missing', 'what the script that unlocks reads in is gone', {
    'initramfs-tools-luks2': ['usr/lib/cryptsetup/functions'],
    'initramfs-tools-lvm-on-luks': ['usr/lib/cryptsetup/functions'],
  }),
  fault('crypt_missing', 'what asks for the passphrase is gone', {
    'initramfs-tools-lvm-on-luks': ['usr/lib/cryptsetup/askpass'],
  }),
  nearMiss('what asks for the passphrase is gone, and there is a key', {
    'initramfs-tools-luks2': ['usr/lib/cryptsetup/askpass'],
  }),
  fault('crypt_missing', 'the key comes of a script that is not there', {
    'initramfs-tools-luks2': table(`lab_crypt UUID=${LUKS_UUID} /${LAB_KEY} luks,keyscript=passdev\n`),
  }),
  nearMiss('the rules that assemble the layer are gone, and a script does so', {
    'initramfs-tools-md-raid1': rules('64-md-raid-assembly'),
  }),
  nearMiss('the script that assembles the layer is gone, and rules do so', {
    'initramfs-tools-md-raid1': ['scripts/local-block/mdadm'],
  }),
  fault('mdraid_missing', 'all that assembles the layer is gone', {
    'initramfs-tools-md-raid1': [...rules('64-md-raid-assembly'), 'scripts/local-block/mdadm'],
    'initramfs-tools-lvm-on-md': [...rules('64-md-raid-assembly'), 'scripts/local-block/mdadm'],
  }),
  fault(
    'udev_rules_missing',
    'the rules that name what device-mapper makes are gone',
    {
      'initramfs-tools-lvm': rules('55-dm'),
      'initramfs-tools-lvm-on-luks': rules('55-dm'),
    },
    null,
  ),
  fault(
    'udev_rules_missing',
    'the rules that name what device-mapper makes are gone, and / is named by its UUID',
    {
      'initramfs-tools-lvm': {
        ...added({ 'usr/lib/udev/rules.d/55-dm.rules': '#\n' }),
        ...replaced(/root=\S+/, `root=UUID=${UUID}`),
      },
      'initramfs-tools-luks2': rules('55-dm'),
    },
    null,
  ),
  fault(
    'udev_rules_missing',
    'the rule that answers device-mapper is gone',
    {
      'initramfs-tools-luks2': rules('95-dm-notify'),
    },
    null,
  ),
  nearMiss('the rule that answers device-mapper is gone, and what waits for it is a rule', {
    'initramfs-tools-lvm': rules('95-dm-notify'),
  }),
  nearMiss('the program that answers device-mapper is gone, and what waits for it is a rule', {
    'initramfs-tools-lvm': program('dmsetup'),
  }),
  fault('lvm_missing', 'the link by which the rules call the program of the layer is gone', {
    'initramfs-tools-lvm': ['sbin'],
  }),
  fault('crypt_missing', 'the link by which the script calls the program of the layer is gone', {
    'initramfs-tools-luks2': ['sbin'],
  }),
  fault('crypt_missing', 'what the script that unlocks reads in is cut off', {
    'initramfs-tools-luks2': added({ 'usr/lib/cryptsetup/functions': 'crypttab_parse_options() {\n' }),
  }),
  nearMiss('a script activates the volume that root= names', { 'initramfs-tools-lvm': BY_NAME }),
  fault('lvm_missing', 'a script activates the volume that root= names, which is by its UUID', {
    'initramfs-tools-lvm': { ...BY_NAME, ...replaced(/root=\S+/, `root=UUID=${UUID}`) },
  }),
  nearMiss('a script activates all volumes, and root= is by UUID', {
    'initramfs-tools-lvm': {
      ...activatedByName('lvm vgchange -aay --sysinit'),
      ...replaced(/root=\S+/, `root=UUID=${UUID}`),
    },
  }),
  nearMiss('the link that the rules do without is gone', {
    'initramfs-tools-lvm': [/^usr\/sbin\/vgchange$/],
  }),
  nearMiss('the settings of the layer are gone', {
    'initramfs-tools-lvm': [/^etc\/lvm\//],
    'initramfs-tools-md-raid1': ['etc/mdadm/mdadm.conf'],
  }),
];

/** @type {readonly import('./stack-case.mjs').StackCase[]} */
export const LAYER_CASES = [
  fault('lvm_missing', 'the program of the layer is gone', {
    lvm: program('lvm'),
    'lvm-on-luks': program('lvm'),
    'lvm-on-md': program('lvm'),
    'lvm-thin': program('lvm'),
    'lvm-raid1': program('lvm'),
    'initramfs-tools-lvm': program('lvm'),
    'initramfs-tools-lvm-on-md': program('lvm'),
  }),
  fault('mdraid_missing', 'the program of the layer is gone', {
    'md-raid1': program('mdadm'),
    'lvm-on-md': program('mdadm'),
    'initramfs-tools-md-raid1': program('mdadm'),
    'initramfs-tools-lvm-on-md': program('mdadm'),
  }),
  fault(
    'multipath_missing',
    'the program of the layer is gone',
    {
      'multipath-named': program('multipathd'),
    },
    null,
  ),
  fault(
    'multipath_missing',
    'the program that tells paths is gone',
    {
      'multipath-named': program('multipath'),
    },
    null,
  ),
  fault(
    'multipath_missing',
    'both programs of the layer are gone',
    {
      'multipath-named': [...program('multipath'), ...program('multipathd')],
    },
    null,
  ),
  fault(
    'multipath_missing',
    'the unit of the layer is gone',
    {
      'multipath-named': ['usr/lib/systemd/system/multipathd.service'],
    },
    null,
  ),
  fault(
    'multipath_missing',
    'the unit of the layer is there, and nothing wants it',
    {
      'multipath-named': [/\.wants\/multipathd\.service$/],
    },
    null,
  ),
  fault(
    'multipath_missing',
    'the command line has multipath left alone',
    {
      'multipath-named': replaced(/$/, ' nompath'),
    },
    null,
  ),
  fault(
    'multipath_missing',
    'what the layer checks its paths with is gone',
    { 'multipath-named': [/\/multipath\/libcheck/] },
    null,
  ),
  fault(
    'multipath_missing',
    'what the layer ranks its paths with is gone',
    { 'multipath-named': [/\/multipath\/libprio/] },
    null,
  ),
  fault('multipath_missing', 'the rules that tell paths are gone', { 'multipath-named': rules('62-multipath') }, null),
  fault(
    'multipath_missing',
    'the rules of the device that the paths make are gone',
    { 'multipath-named': rules('56-dm-mpath') },
    null,
  ),
  fault(
    'multipath_stale',
    'the configuration of the layer is gone',
    { 'multipath-named': ['etc/multipath.conf'] },
    null,
  ),
  nearMiss('the program that looks for partitions is gone, and there are none', {
    'multipath-named': program('kpartx'),
  }),
  nearMiss('the program that looks over the pool is gone, which is not insisted on', {
    'lvm-thin': program('thin_check'),
  }),
  fault('crypt_missing', 'the program of the layer is gone', {
    luks2: ['usr/lib/systemd/systemd-cryptsetup'],
    'lvm-on-luks': ['usr/lib/systemd/systemd-cryptsetup'],
    'luks2-typed': ['usr/lib/systemd/systemd-cryptsetup'],
    'initramfs-tools-luks2': program('cryptsetup'),
    'initramfs-tools-lvm-on-luks': program('cryptsetup'),
    'dracut-106-lvm-on-luks': program('systemd-cryptsetup'),
  }),
  nearMiss('the program of the layer is gone from where it used to be', {
    'dracut-106-lvm-on-luks': ['usr/lib/systemd/systemd-cryptsetup'],
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
    'initramfs-tools-lvm': rules('69-lvm'),
    'initramfs-tools-lvm-on-luks': rules('69-lvm'),
    'initramfs-tools-lvm-on-md': rules('69-lvm'),
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
  fault('lvm_missing', 'the program that answers device-mapper is gone', {
    lvm: program('dmsetup'),
  }),
  fault('crypt_missing', 'the program that answers device-mapper is gone', {
    luks2: program('dmsetup'),
    'initramfs-tools-luks2': program('dmsetup'),
  }),
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
    'lvm-raid1': modules('dm-raid'),
    'multipath-named': modules('dm-multipath'),
    'initramfs-tools-lvm': modules('dm-mod'),
    'initramfs-tools-luks2': modules('dm-crypt'),
    'initramfs-tools-md-raid1': modules('raid1'),
  }),
  fault(
    'dm_target_missing',
    'the module that chooses among paths is gone',
    { 'multipath-named': modules('dm-service-time') },
    null,
  ),
  fault('driver_missing', 'the module that the layer has the kernel ask for is gone', {
    'lvm-raid1': modules('raid1'),
  }),
  fault('driver_missing', 'the module of bcache is gone', {
    bcache: modules('bcache'),
    'bcache-scripts': modules('bcache'),
  }),
  fault('bcache_missing', 'the rules that register the device are gone', {
    bcache: rules('69-bcache'),
    'bcache-scripts': rules('69-bcache'),
  }),
  fault('bcache_missing', 'the program that registers the device is gone', {
    bcache: [/\/udev\/bcache-register$/],
    'bcache-scripts': [/\/udev\/bcache-register$/],
  }),
  nearMiss('the program that looks for what blkid knows already is gone', {
    bcache: [/\/udev\/probe-bcache$/],
    'bcache-scripts': [/\/udev\/probe-bcache$/],
  }),
  fault('module_dependency_missing', 'a module that the layer depends on is gone', {
    'md-raid1': modules('md-mod'),
    luks2: modules('dm-mod'),
    'lvm-on-md': modules('dm-mod'),
    'lvm-thin': modules('dm-persistent-data'),
    'lvm-raid1': modules('raid456'),
    'initramfs-tools-lvm-on-luks': modules('dm-mod'),
    'initramfs-tools-md-raid1': modules('md-mod'),
  }),
  fault('crypto_driver_missing', 'the cipher mode of the layer is gone', {
    luks2: modules('xts'),
    'initramfs-tools-luks2': modules('xts'),
  }),
  nearMiss('the module of another layer is gone', {
    lvm: modules('dm-crypt'),
    'md-raid1': modules('raid456'),
    luks2: modules('raid1'),
    'luks2-typed': modules('raid1'),
    'lvm-on-md': modules('raid456'),
    'lvm-thin': modules('dm-snapshot'),
    'lvm-raid1': modules('raid10'),
    'initramfs-tools-lvm': modules('raid1'),
    'initramfs-tools-luks2': modules('raid1'),
    'initramfs-tools-md-raid1': modules('raid456'),
  }),
  fault('luks_key_missing', 'the key of the layer is gone', {
    luks2: ['etc/lab.key'],
    'lvm-on-luks': ['etc/lab.key'],
    'initramfs-tools-luks2': [LAB_KEY],
  }),

  fault('root_unknown', 'root= names what the layer is stored on', {
    'initramfs-tools-luks2': replaced(/root=\S+/, `root=UUID=${LUKS_UUID}`),
    lvm: replaced(/root=\S+/, 'root=/dev/vda'),
    luks2: replaced(/root=\S+/, `root=UUID=${LUKS_UUID}`),
  }),
  nearMiss('root= names the same by another name', {
    'initramfs-tools-lvm': replaced(/root=\S+/, `root=UUID=${UUID}`),
    'initramfs-tools-luks2': replaced(/root=\S+/, 'root=/dev/mapper/lab_crypt'),
    'initramfs-tools-lvm-on-md': replaced(/root=\S+/, 'root=/dev/vg0/root'),
    lvm: replaced(/root=\S+/, 'root=/dev/vg0/root'),
    'lvm-on-md': replaced(/root=\S+/, `root=UUID=${UUID}`),
    luks2: replaced(/root=\S+/, `root=/dev/mapper/luks-${LUKS_UUID}`),
  }),

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
  fault('md_unknown', 'the command line names another of the layer besides', {
    'md-raid1': replaced(/$/, ' rd.md.uuid=0bad0bad:00004000:80000bad:0bad0bad'),
    'lvm-on-md': replaced(/$/, ' rd.md.uuid=0bad0bad:00004000:80000bad:0bad0bad'),
  }),
  fault('luks_unknown', 'the command line names another of the layer besides', {
    luks2: replaced(/$/, ` rd.luks.uuid=${WRONG}`),
    'lvm-on-luks': replaced(/$/, ` rd.luks.uuid=${WRONG}`),
  }),
  fault('lv_unknown', 'the command line names another of the layer besides', {
    lvm: replaced(/$/, ' rd.lvm.lv=vg0/other'),
    'lvm-on-md': replaced(/$/, ' rd.lvm.lv=vg0/other'),
  }),
  nearMiss('the command line names another of a layer that the image knows nothing of', {
    'md-raid1': replaced(/$/, ` rd.luks.uuid=${WRONG}`),
    lvm: replaced(/$/, ' rd.md.uuid=0bad0bad:00004000:80000bad:0bad0bad'),
  }),
  nearMiss('the command line names another volume, which is to hold keys', {
    luks2: replaced(/$/, ` rd.luks.uuid=keysource:${WRONG}`),
  }),
  fault('lv_unlisted', 'the command line has the layer left alone', {
    lvm: replaced(/rd\.lvm\.lv=\S+/, 'rd.lvm=0'),
    'lvm-on-md': replaced(/rd\.lvm\.lv=\S+/, 'rd.lvm=0'),
  }),
  nearMiss('the command line does not name the layer, and all is activated', {
    lvm: replaced(/rd\.lvm\.lv=\S+/, ''),
    'lvm-thin': replaced(/rd\.lvm\.lv=\S+/, ''),
  }),
  fault('md_unlisted', 'the command line does not name the layer', { 'md-raid1': replaced(/rd\.md\.uuid=\S+/, '') }),
  fault('luks_unlisted', 'the command line does not name the layer', {
    luks2: replaced(/rd\.luks\.uuid=\S+ rd\.luks\.key=\S+/, ''),
  }),
  // What the image froze of the host's own settings, which were others when it was built.
  fault('lvm_devices_stale', "the image's list of devices has others", {
    lvm: otherDevices(1),
    'lvm-on-md': otherDevices(1),
  }),
  nearMiss("the image's list of devices has others, and is not used", {
    lvm: otherDevices(0),
  }),
  fault('crypttab_stale', "the image's crypttab has another disk", {
    luks2: { ...OTHER_CRYPTTAB, ...replaced(/rd\.luks\.uuid=\S+ rd\.luks\.key=\S+/, '') },
    'initramfs-tools-luks2': table(`lab_crypt UUID=${WRONG} /${LAB_KEY} luks,initramfs\n`),
    'initramfs-tools-lvm-on-luks': table(`vg0_crypt UUID=${WRONG} none luks,initramfs\n`),
  }),
  fault('luks_unlisted', 'the command line names another of the layer, and crypttab is passed over', {
    luks2: {
      ...added({ 'etc/crypttab': `luks-${LUKS_UUID} UUID=${LUKS_UUID} /etc/lab.key luks\n` }),
      ...replaced(/rd\.luks\.uuid=\S+ rd\.luks\.key=\S+/, `rd.luks.name=${WRONG}=other`),
    },
    'lvm-on-luks': {
      ...added({ 'etc/crypttab': `luks-${LUKS_UUID} UUID=${LUKS_UUID} /etc/lab.key luks\n` }),
      ...replaced(/rd\.luks\.uuid=\S+ rd\.luks\.key=\S+/, 'rd.luks.crypttab=0'),
    },
  }),
  nearMiss('the command line does not name the layer, and crypttab does', {
    luks2: {
      ...added({ 'etc/crypttab': `luks-${LUKS_UUID} UUID=${LUKS_UUID} /etc/lab.key luks\n` }),
      ...replaced(/rd\.luks\.uuid=\S+ rd\.luks\.key=\S+/, ''),
    },
  }),
  nearMiss("the image's crypttab has another disk, and the command line lists the right one", {
    luks2: OTHER_CRYPTTAB,
  }),
  fault(
    'mdadm_stale',
    "the image's mdadm.conf has another array, and root= has the name",
    {
      'md-raid1': { ...OTHER_ARRAY, ...replaced(/root=\S+/, 'root=/dev/md0') },
      'initramfs-tools-md-raid1': { ...OTHER_ARRAY_OF_DEBIAN, ...replaced(/root=\S+/, 'root=/dev/md0') },
    },
    null,
  ),
  nearMiss("the image's mdadm.conf has another array, and / is named by its UUID", {
    'md-raid1': OTHER_ARRAY,
    'initramfs-tools-md-raid1': OTHER_ARRAY_OF_DEBIAN,
  }),

  ...GENERATED_CASES,
  ...LVM_CONF_CASES,
  ...SBIN_CASES,

  nearMiss('the layer is named in another way', {
    lvm: replaced(/rd\.lvm\.lv=\S+/, 'rd.lvm.vg=vg0'),
    'md-raid1': replaced(/rd\.md\.uuid=\S+/, 'rd.auto=1'),
    luks2: replaced(/rd\.luks\.uuid=/, 'rd.luks.uuid=luks-'),
    'luks2-typed': replaced(/rd\.luks\.uuid=/, 'rd.luks.uuid=luks-'),
    'lvm-thin': replaced(/rd\.lvm\.lv=\S+/, 'rd.lvm.vg=vg0'),
    'lvm-on-md': replaced(/rd\.md\.uuid=\S+/, 'rd.auto=1'),
    'virtio-scsi': replaced(/root=\S+/, 'root=LABEL=labroot'),
  }),
];
