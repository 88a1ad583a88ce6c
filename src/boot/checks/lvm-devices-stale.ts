import { DEVICES_FILE, neededVolumes } from '../lvm-volumes.ts';
import type { Check } from '../types.ts';

/** The LVM devices file frozen in the image does not list a physical volume that `/` needs: LVM does not look at it. */
export const lvmDevicesStale: Check = {
  code: 'lvm_devices_stale',
  checkpoint: 'root',
  severity: 'fatal',
  symptom: 'The volume group is not found, though the disk is there.',
  cause:
    'A physical volume was added, moved or cloned after the image was built; LVM uses devices that are in its devices file alone.',
  cure: 'Put the host’s own file right (`lvmdevices --update`), then build the image anew: `dracut --force --kver K IMAGE`.',
  repair: ['rebuild'],
  *observe({ image, host }) {
    const frozen = image?.tree.text(DEVICES_FILE) ?? null;
    if (image === null || frozen === null) return;
    const used = usesDevicesFile(image.tree.text('etc/lvm/lvm.conf') ?? '');
    if (used === false) return;
    const inImage = physicalVolumes(frozen);
    if (inImage.length === 0) return; // an empty devices file counts as none
    const onHost = host.files.lvmDevices === null ? null : physicalVolumes(host.files.lvmDevices);
    const needed = neededVolumes(host.storage).flatMap(({ pvs, ...volume }) => pvs.map((pv) => ({ pv, ...volume })));
    for (const { pv, lv, top, forRoot } of needed) {
      const id = isPvId(pv.uuid) ? bareId(pv.uuid) : null;
      if (id !== null && inImage.includes(id)) continue;
      if (id === null || used === null) {
        yield {
          defect: false,
          what: `whether LVM finds ${pv.name}, which ${top} is on, by the devices file of the image`,
          reason:
            id === null
              ? 'which physical volume it is is not known (ID_FS_UUID of udev)'
              : 'the file does not list it, and no lvm.conf in the image says whether it is used',
        };
        continue;
      }
      yield {
        defect: true,
        message: `${pv.name} holds a part of ${lv.name}, which ${top} is on, and the image's LVM devices file does not list it.`,
        evidence: {
          path: DEVICES_FILE,
          device: pv.name,
          pv_id: id,
          listed: inImage,
          host_lists_it: onHost?.includes(id) ?? null,
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

function physicalVolumes(text: string): readonly string[] {
  return [...text.replace(/#.*$/gm, '').matchAll(/\bPVID=([\w-]+)/g)].map(([, id = '']) => bareId(id));
}

function bareId(id: string): string {
  return id.replace(/-/g, '');
}

/**
 * Whether LVM goes by its devices file: as lvm.conf says, or as the comment says that stands in it for the default that
 * LVM was built with (1 with Red Hat, 0 with Debian). Null where neither is there.
 */
function usesDevicesFile(conf: string): boolean | null {
  const said = /^\s*use_devicesfile\s*=\s*([01])/m.exec(conf) ?? /^\s*#\s*use_devicesfile\s*=\s*([01])/m.exec(conf);
  return said === null ? null : said[1] === '1';
}
