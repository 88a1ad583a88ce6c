import { devicesFile, SYSTEM_DEVICES } from '../lvm-devices-file.ts';
import { neededVolumes } from '../lvm-volumes.ts';
import type { Check } from '../types.ts';

/** The LVM devices file frozen in the image does not list a physical volume that `/` needs: LVM does not look at it. */
export const lvmDevicesStale: Check = {
  code: 'lvm_devices_stale',
  checkpoint: 'root',
  severity: 'fatal',
  symptom: 'The volume group is not found, though the disk is there.',
  cause:
    'A physical volume was added, moved or cloned after the image was built; LVM uses devices that are in its devices file alone, and none where that is empty.',
  cure: 'Put the host’s own file right (`lvmdevices --update`), then build the image anew: `dracut --force --kver K IMAGE`.',
  repair: ['rebuild'],
  *observe(facts) {
    const { host } = facts;
    const file = devicesFile(facts);
    if (file === null || file.used === false) return;
    const listed = entriesOf(file.text);
    const { lvmDevices } = host.files;
    const onHost = lvmDevices === null || file.path !== SYSTEM_DEVICES ? null : entriesOf(lvmDevices);
    const needed = neededVolumes(host.storage).flatMap(({ pvs, ...volume }) => pvs.map((pv) => ({ pv, ...volume })));
    for (const { pv, lv, top, forRoot } of needed) {
      const id = isPvId(pv.uuid) ? bareId(pv.uuid) : null;
      if (id !== null && isListed(id, listed, onHost)) continue;
      const unidentified = id === null && listed.length > 0;
      if (file.used === null || unidentified) {
        yield {
          defect: false,
          what: `whether LVM finds ${pv.name}, which ${top} is on, by the devices file of the image`,
          reason: unidentified
            ? 'which physical volume it is is not known (ID_FS_UUID of udev)'
            : 'the file does not list it, and no lvm.conf in the image says whether it is used',
        };
        continue;
      }
      yield {
        defect: true,
        message: `${pv.name} holds a part of ${lv.name}, which ${top} is on, and the image's LVM devices file ${listed.length === 0 ? 'lists nothing' : 'does not list it'}.`,
        evidence: {
          path: file.path,
          device: pv.name,
          pv_id: id,
          listed: listed.map(({ pvid }) => pvid).filter((pvid) => pvid !== ''),
          host_lists_it: id === null || onHost === null ? null : onHost.some(({ pvid }) => pvid === id),
        },
        ...(forRoot ? {} : { severity: 'warning' }),
      };
    }
  },
};

/** LVM's own identifiers: 32 letters and digits in groups, not hexadecimal UUIDs. */
function isPvId(uuid: string | null): uuid is string {
  return uuid !== null && /^\w{6}(-\w{4}){5}-\w{6}$/.test(uuid);
}

/** A line of the devices file (lvmdevices(8)); what it does not say is empty. */
interface Listed {
  readonly pvid: string;
  /** What the device itself is known by: type, name and partition. Null where that is told by no more than a changing name or a serial number. */
  readonly device: string | null;
}

function entriesOf(text: string): readonly Listed[] {
  return text.split('\n').flatMap((line) => {
    if (line.startsWith('#') || !line.includes('IDTYPE') || !line.includes('IDNAME')) return [];
    // A dot stands for nothing.
    const valueOf = (key: string) => (new RegExp(`${key}= *([^ ]*)`).exec(line)?.[1] ?? '').replace(/^\..*/, '');
    const type = valueOf('IDTYPE');
    const known = !['', 'devname', 'sys_serial'].includes(type);
    const device = known ? [type, valueOf('IDNAME'), valueOf('PART') || '0'].join(' ') : null;
    return [{ pvid: bareId(valueOf('PVID')), device }];
  });
}

/** By its id, or by the device that the host has it on: LVM then puts the id right by itself (lib/device/device_id.c, device_ids_validate). */
function isListed(id: string, listed: readonly Listed[], onHost: readonly Listed[] | null): boolean {
  const device = onHost?.find(({ pvid }) => pvid === id)?.device ?? null;
  return listed.some((entry) => entry.pvid === id || (device !== null && entry.device === device));
}

function bareId(id: string): string {
  return id.replace(/-/g, '');
}
