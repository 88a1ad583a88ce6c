/** From a name in fstab, crypttab or on a command line to the device that bears it. */
import type { Mount } from '../mountinfo.ts';
import type { BlockDevice, BlockDevices } from './block-devices.ts';
import { lvOf } from './lvm-names.ts';

export interface DeviceNames {
  find(spec: string): BlockDevice | null;
  /** Names of the device that a mount is of. */
  ofDevice(mount: Mount): readonly string[];
  /** Every name; null where udev's data are not there, so that the list is not complete. */
  readonly all: ReadonlySet<string> | null;
}

/** UUIDs are compared without regard to case, and the old `ID=`-less forms of quoted tags are taken. */
function normalize(spec: string): string {
  const tag = /^(UUID|PARTUUID)=(.*)$/.exec(spec);
  return tag === null ? spec : `${tag[1] ?? ''}=${(tag[2] ?? '').toLowerCase()}`;
}

export function nameDevices(devices: BlockDevices): DeviceNames {
  const byName = new Map<string, BlockDevice>();
  const all = new Set<string>();
  for (const device of devices.all) {
    const lv = lvOf(device);
    const names = lv === null ? device.names : [...device.names, `/dev/${lv.vg}/${lv.lv}`];
    for (const name of names) {
      all.add(name);
      const key = normalize(name);
      if (!byName.has(key)) byName.set(key, device);
    }
  }
  const find = (spec: string): BlockDevice | null => byName.get(normalize(spec)) ?? null;
  return {
    find,
    all: devices.named ? all : null,
    ofDevice: (mount) => (devices.byNumber.get(mount.device) ?? find(mount.source))?.names ?? [],
  };
}
