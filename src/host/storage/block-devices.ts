/** Every block device that sysfs shows, with the names that udev gave it. */
import { line, type HostTree } from '../tree.ts';
import { parseUdevData, unescapeUdev } from './udev-data.ts';

export interface BlockDevice {
  /** Kernel name: `sda1`, `dm-0`. */
  readonly name: string;
  /** `major:minor`. */
  readonly number: string;
  /** Its folder below /sys/devices. */
  readonly path: string;
  readonly dmName: string | null;
  readonly dmUuid: string | null;
  readonly fsType: string | null;
  readonly uuid: string | null;
  readonly label: string | null;
  readonly partuuid: string | null;
  readonly partlabel: string | null;
  /** Every name it goes by: `/dev/…`, `UUID=…`, `LABEL=…`, `PARTUUID=…`, `PARTLABEL=…`. */
  readonly names: readonly string[];
}

export interface BlockDevices {
  readonly all: readonly BlockDevice[];
  readonly byName: ReadonlyMap<string, BlockDevice>;
  readonly byNumber: ReadonlyMap<string, BlockDevice>;
  /** Whether what names devices is there for all partitions: a name that is not among these is nobody's. */
  readonly named: boolean;
  /** Whether all that sysfs shows could be looked at. */
  readonly whole: boolean;
}

const BY_LINKS = ['by-uuid', 'by-label', 'by-partuuid', 'by-partlabel'];

export function readBlockDevices(tree: HostTree): BlockDevices {
  const data = new Set(tree.list('/run/udev/data'));
  const found = tree.list('/sys/class/block').flatMap((name) => {
    const folder = `/sys/class/block/${name}`;
    const path = tree.real(folder);
    const number = line(tree, `${folder}/dev`);
    return path === null || number === null ? [] : [{ name, path, number, known: data.has(`b${number}`) }];
  });
  const linked = found.every(({ known }) => known) ? new Map<string, string[]>() : linksOfDev(tree);
  const all = found.map((device) => describe(tree, { ...device, links: linked.get(device.name) ?? [] }));
  const whole = !tree.refuses('/sys/class/block') && !all.some(({ path }) => tree.refuses(path));
  return {
    all,
    whole,
    byName: new Map(all.map((device) => [device.name, device])),
    byNumber: new Map(all.map((device) => [device.number, device])),
    named:
      whole &&
      !['/run/udev/data', '/dev/disk'].some((at) => tree.refuses(at)) &&
      (data.size > 0 || linked.size > 0) &&
      all.every((device) => data.has(`b${device.number}`) || linked.has(device.name) || !isPartition(device)),
  };
}

/** A partition has a link by its own UUID at least. */
function isPartition({ path, name }: BlockDevice): boolean {
  const parent = path.split('/').slice(-2)[0] ?? '';
  return parent !== '' && name.startsWith(parent);
}

function describe(
  tree: HostTree,
  at: { name: string; path: string; number: string; known: boolean; links: readonly string[] },
): BlockDevice {
  const udev = parseUdevData(at.known ? (tree.text(`/run/udev/data/b${at.number}`) ?? '') : '');
  const links = at.known ? udev.links : at.links;
  const property = (key: string, folder: string): string | null => {
    const value = udev.properties.get(key) ?? null;
    return value ?? nameIn(links, folder);
  };
  const isDm = at.name.startsWith('dm-');
  const dmName = isDm ? line(tree, `${at.path}/dm/name`) : null;
  const ids = {
    uuid: property('ID_FS_UUID', 'by-uuid'),
    label: nameIn(links, 'by-label') ?? udev.properties.get('ID_FS_LABEL') ?? null,
    partuuid: property('ID_PART_ENTRY_UUID', 'by-partuuid'),
    partlabel: nameIn(links, 'by-partlabel') ?? udev.properties.get('ID_PART_ENTRY_NAME') ?? null,
  };
  // A whole disk has no partition of its own: udev gives it no ID_PART_ENTRY_*, but a multipath map may inherit some.
  return {
    name: at.name,
    number: at.number,
    path: at.path,
    dmName,
    dmUuid: isDm ? line(tree, `${at.path}/dm/uuid`) : null,
    fsType: udev.properties.get('ID_FS_TYPE') ?? null,
    ...ids,
    names: [
      `/dev/${at.name}`,
      ...(dmName === null ? [] : [`/dev/mapper/${dmName}`]),
      ...links,
      ...(ids.uuid === null ? [] : [`UUID=${ids.uuid}`]),
      ...(ids.label === null ? [] : [`LABEL=${ids.label}`]),
      ...(ids.partuuid === null ? [] : [`PARTUUID=${ids.partuuid}`]),
      ...(ids.partlabel === null ? [] : [`PARTLABEL=${ids.partlabel}`]),
    ],
  };
}

function nameIn(links: readonly string[], folder: string): string | null {
  const prefix = `/dev/disk/${folder}/`;
  const link = links.find((candidate) => candidate.startsWith(prefix));
  return link === undefined ? null : unescapeUdev(link.slice(prefix.length));
}

/**
 * The links of /dev, by the kernel name they lead to: they are all that there is in a chroot without /run, and of devices
 * that udev saw in the image alone, whose data it drops there before it switches to the root file system.
 */
function linksOfDev(tree: HostTree): Map<string, string[]> {
  const links = new Map<string, string[]>();
  for (const folder of BY_LINKS) {
    for (const name of tree.list(`/dev/disk/${folder}`)) {
      const path = `/dev/disk/${folder}/${name}`;
      const target = tree.link(path)?.split('/').pop();
      if (target !== undefined) links.set(target, [...(links.get(target) ?? []), path]);
    }
  }
  return links;
}
