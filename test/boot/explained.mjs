// @ts-check
// Why verdict and boot disagree, or one of them is not told: what the report says beside such a row.

/** @typedef {import('./table.mjs').Row} Row */

const FIRST = 'as judged when it was drawn; mended since:';

/** By what a row is called (`sample seed entry fault case`), the first that fits. @type {readonly (readonly [RegExp, string])[]} */
const REASONS = [
  [/ 20502 usr\/bin\/dracut-/, `${FIRST} what dracut's scripts read the command line with is needed`],
  [/ 20506 lib /, `${FIRST} modprobe and udev look for modules below /lib/modules, to which nothing leads`],
  [/ 21004 scripts\/local /, `${FIRST} a line of init itself (BOOT=nfs) was taken for a setting of the boot`],
  [/ 21006 usr\/bin\/sh /, `${FIRST} systemd goes on past units that need a shell, where / is on a plain disk`],
  [/ 23001 .*libkmod/, `${FIRST} udev of initramfs-tools has no driver to load where all are loaded by name`],
  [/ 26002 .*69-lvm|26010 .*69-lvm/, `${FIRST} the rule has to activate the volumes, not only to be there`],
  [/ 27008 sbin /, `${FIRST} the rule calls its program by a path, to which nothing leads`],
  [/ 26012 cryptroot/, `${FIRST} the table of cryptsetup-initramfs has to list the volume`],
  [/ 26013 .*80-drivers/, `${FIRST} what opens the volume has the kernel load the modules of the layer, not udev`],
  [/ 26010 .*95-dm-notify/, `${FIRST} the rule that activates the volumes is all that waits for an answer`],
  [/ 30011 .*conf\.d/, `${FIRST} the scripts call udev's daemon in the folder that a setting of the image names`],
  [/ 29004 sbin /, `${FIRST} the kernel calls modprobe at /sbin/modprobe, to which nothing leads`],
  [
    /^mutation .*modules\.\w+\.bin/,
    'the damage is not on the way of this boot; an index that does not hold is told all the same',
  ],
  [
    /^mutation /,
    "the damage is not in what this boot runs of the program; what differs from the host's own is told all the same",
  ],
  [
    /gzip, its checksum wrong/,
    'the kernel does not look at the checksum of gzip; a container that does not hold is told all the same',
  ],
  [
    /of another version, its symbols the same/,
    'with module versions the kernel compares each symbol, which is not done here',
  ],
  [/ 20510 .*hooks\//, 'the script ends in the middle of a command, and its shell is bash, which may go on'],
  [
    /\/init has no interpreter/,
    'the kernel then starts /sbin/init, which is systemd: how far that comes is not followed',
  ],
  [/ (?:14003|24007) bin /, 'systemd calls mount by the path that it was built with, /bin or /usr/bin'],
  [
    /the checksum that the file system asks for/,
    'a file system made without metadata_csum does without, and its features are not read',
  ],
  [/root= names a swap space/, 'udev of the guest does not tell what is on the device that is named'],
  [/filter has the disk by another name$/, 'udev of the guest does not tell the links of the physical volume'],
  [
    /which udev makes too late/,
    'whether LVM waits for the links of a disk that udev asks about depends on its version',
  ],
  [/list of devices has others/, 'udev of the guest does not tell the id of the physical volume'],
  [/below the mount point of \/boot$/, 'what lies below the mount point of another file system is not seen'],
  [/an entry searches for another/, 'the file system that the loader is told to read cannot be looked at'],
];

const STUCK = 'its time was up twice, and the guest was still at work';

/** @param {Row} row */
export function explain(row) {
  const { sample, seed, entry, fault, boots } = row;
  if (boots === null) return STUCK;
  const called = [sample, seed, entry, fault, row.case].filter((part) => part !== null && part !== undefined).join(' ');
  return REASONS.find(([pattern]) => pattern.test(called))?.[1] ?? '**not explained yet**';
}
