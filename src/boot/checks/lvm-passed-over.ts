import type { StorageNode } from '../../host/types.ts';
import type { ImageFacts } from '../../image/types.ts';
import type { LvmSettings } from '../lvm-conf.ts';
import { CONF, devicesFile, leavesOutLvmConf, lvmSettings } from '../lvm-devices-file.ts';
import { passesFilter } from '../lvm-filter.ts';
import { neededVolumes, type NeededVolume } from '../lvm-volumes.ts';
import type { BootFacts, Check, Observation } from '../types.ts';

/** LVM's settings in the image keep it from a disk, or a volume, that `/` is on. */
export const lvmPassedOver: Check = {
  code: 'lvm_passed_over',
  checkpoint: 'root',
  severity: 'fatal',
  symptom:
    'The volume group is not found, or not activated, though the disk is there; `lvm` complains of its configuration.',
  cause:
    'A filter in lvm.conf names the disks of other hardware, volume_list lists the groups of a cluster and not that of /, or lvm.conf has a slip: what runs goes on, and the image has a copy.',
  cure: 'Put /etc/lvm/lvm.conf right (`lvmconfig --validate`, filter, global_filter, volume_list), then build the image anew: `dracut --force --kver K IMAGE`, or `update-initramfs -u -k K`.',
  repair: ['configure', 'rebuild'],
  *observe(facts) {
    const { image, host } = facts;
    if (image === null || image.unread.length > 0 || leavesOutLvmConf(facts)) return;
    const needed = neededVolumes(host.storage);
    const [first] = needed;
    if (first === undefined) return;
    const read = lvmSettings(image.tree);
    if (read === null) return;
    if ('broken' in read) {
      yield {
        defect: true,
        message: `The image's ${read.broken} ends in the middle of something, and ${first.top} is on LVM, which does nothing then.`,
        evidence: { path: read.broken, device: null, volume: first.lv.name, setting: null },
        ...severityOf(first),
      };
      return;
    }
    const { settings } = read;
    const below = new Set(needed.flatMap(({ lv }) => lv.below));
    for (const volume of needed) {
      yield* passedOver(volume, settings, image, facts);
      // What other volumes are made of is activated with them.
      if (!below.has(volume.lv.id)) yield* notActivated(volume, settings, image);
    }
  },
};

function* passedOver(
  volume: NeededVolume,
  settings: LvmSettings,
  { generator }: ImageFacts,
  facts: BootFacts,
): Iterable<Observation> {
  // udev's rule asks LVM about a disk before it makes the disk's links.
  const byRule = generator === 'initramfs-tools';
  // With a devices file LVM reads filters, and goes by none (lib/filters/filter-regex.c).
  const file = devicesFile(facts);
  const { devices } = facts.host.storage;
  for (const pv of volume.pvs) {
    const names = devices.find(({ id }) => id === pv.id)?.names.filter((name) => name.startsWith('/dev/')) ?? [];
    const known = byRule ? [pv.name] : [pv.name, ...names];
    const linked = !byRule && names.some((name) => name.startsWith('/dev/disk/'));
    for (const key of ['devices/global_filter', 'devices/filter']) {
      const patterns = settings.get(key) ?? [];
      const passes = passesFilter(patterns, known);
      if (passes === 'passes' || passes === null) continue;
      if (passes === 'rejected' && file?.used === true) continue;
      const byLink = !linked && patterns.some(mayPassLink);
      if (passes === 'rejected' && (byLink || (file !== null && file.used === null))) {
        yield {
          defect: false,
          what: `whether LVM takes ${pv.name}, which ${volume.top} is on`,
          reason: !byLink
            ? `the ${key} of the image has it passed over, and no lvm.conf in the image says whether the devices file is used instead`
            : byRule
              ? `the ${key} of the image lets devices pass by links, which udev makes after it has asked LVM`
              : `the ${key} of the image lets devices pass by their names, and not all names of it are known`,
        };
        continue;
      }
      yield {
        defect: true,
        message:
          passes === 'invalid'
            ? `LVM refuses the ${key} of the image, and ${volume.top} is on LVM.`
            : `The ${key} of the image has LVM pass over ${pv.name}, which holds a part of ${volume.lv.name}, which ${volume.top} is on.`,
        evidence: { path: CONF, device: pv.name, volume: volume.lv.name, setting: `${key}=${list(patterns)}` },
        ...severityOf(volume),
      };
    }
  }
}

/** Where udev's links of a device are not known, it may pass by one, unless devices pass by the kernel's names alone. */
function mayPassLink(pattern: string): boolean {
  return /^\s*a/.test(pattern) && !/^\s*a.\^?\/dev\/(?:sd|vd|xvd|hd|nvme|mmcblk|dasd)/.test(pattern);
}

/** `volume_list` is for all that is activated; what initramfs-tools leaves to udev goes by the list for that, too. */
function* notActivated(volume: NeededVolume, settings: LvmSettings, { generator }: ImageFacts): Iterable<Observation> {
  const keys = [
    'activation/volume_list',
    ...(generator === 'initramfs-tools' ? ['activation/auto_activation_volume_list'] : []),
  ];
  for (const key of keys) {
    const listed = settings.get(key);
    // By a tag it may be meant, which no file of the host tells.
    if (listed === undefined || listed.some((entry) => entry.startsWith('@')) || isListed(volume.lv, listed)) continue;
    yield {
      defect: true,
      message: `The ${key} of the image does not list ${volume.lv.name}, which ${volume.top} is on.`,
      evidence: { path: CONF, device: null, volume: volume.lv.name, setting: `${key}=${list(listed)}` },
      ...severityOf(volume),
    };
  }
}

function isListed({ vg, lv }: StorageNode, listed: readonly string[]): boolean {
  return vg === null || listed.includes(vg) || listed.includes(`${vg}/${lv ?? ''}`);
}

function severityOf({ forRoot }: NeededVolume): { severity?: 'warning' } {
  return forRoot ? {} : { severity: 'warning' };
}

function list(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(', ')}]`;
}
