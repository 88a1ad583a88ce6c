/** By which bus a disk is reached, from its kernel name and its place in /sys/devices. */
const BY_NAME: readonly (readonly [RegExp, string])[] = [
  [/^nvme/, 'nvme'],
  [/^nbd/, 'nbd'],
  [/^mmcblk/, 'mmc'],
  [/^vd/, 'virtio'],
  [/^xvd/, 'xen'],
  [/^loop/, 'loop'],
  [/^zram/, 'zram'],
  [/^ram/, 'ram'],
  [/^rbd/, 'rbd'],
  [/^drbd/, 'drbd'],
  [/^pmem/, 'pmem'],
  [/^dasd/, 'dasd'],
  [/^fd\d/, 'floppy'],
];

const BY_PATH: readonly (readonly [RegExp, string])[] = [
  [/\/session\d+\//, 'iscsi'],
  [/\/usb\d+\//, 'usb'],
  [/\/ata\d+\//, 'ata'],
  [/\/VMBUS:\d+\/|\/vmbus/i, 'hyperv'],
  [/\/vbd-\d+\//, 'xen'],
  [/\/rport-/, 'fc'],
  [/\/end_device-/, 'sas'],
  [/\/virtio\d+\//, 'virtio'],
];

export function transportOf(name: string, path: string): string {
  const byName = BY_NAME.find(([pattern]) => pattern.test(name))?.[1];
  return byName ?? BY_PATH.find(([pattern]) => pattern.test(path))?.[1] ?? 'scsi';
}
