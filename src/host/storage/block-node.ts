/** One block device as a layer of the storage stack. */
import { line, type HostTree } from '../tree.ts';
import type { StorageNode } from '../types.ts';
import type { BlockDevice, BlockDevices } from './block-devices.ts';
import { driverChain, mergeDrivers } from './drivers.ts';
import type { LuksHeader } from './luks.ts';
import { lvOf, lvTargets } from './lvm-names.ts';
import { networkDrivers } from './network-interfaces.ts';
import { transportOf } from './transport.ts';

export interface BlockContext {
  /** The tree whose /sys shows the devices. */
  readonly tree: HostTree;
  readonly devices: BlockDevices;
  /** The LUKS header on a device; null where it cannot be read. */
  luks(device: BlockDevice): Promise<LuksHeader | null>;
}

type Layer = Pick<StorageNode, 'kind' | 'type' | 'below'> & Partial<StorageNode>;

export async function blockNode(context: BlockContext, device: BlockDevice): Promise<StorageNode> {
  const layer = await layerOf(context, device);
  return {
    id: device.name,
    name: device.dmName === null ? `/dev/${device.name}` : `/dev/mapper/${device.dmName}`,
    mountPoints: [],
    fsRoot: null,
    uuid: device.uuid,
    label: device.label,
    partuuid: null,
    partlabel: null,
    vg: null,
    lv: null,
    details: [],
    drivers: [],
    ...layer,
  };
}

async function layerOf(context: BlockContext, device: BlockDevice): Promise<Layer> {
  const { tree } = context;
  const slaves = tree.list(`${device.path}/slaves`);
  if (tree.exists(`${device.path}/partition`) === true) return partition(device);
  if (device.dmName !== null) return deviceMapper(context, device, slaves);
  if (tree.exists(`${device.path}/md`) === true) return mdArray(tree, device, slaves);
  if (tree.exists(`${device.path}/bcache`) === true && slaves.length > 0)
    return { kind: 'bcache', type: 'bcache', below: slaves };
  return disk(tree, device);
}

function partition(device: BlockDevice): Layer {
  const disk = device.path.split('/').slice(-2)[0] ?? '';
  return { kind: 'partition', type: '', below: [disk], partuuid: device.partuuid, partlabel: device.partlabel };
}

async function deviceMapper(context: BlockContext, device: BlockDevice, slaves: readonly string[]): Promise<Layer> {
  const kind = device.dmUuid ?? '';
  const lv = lvOf(device);
  if (lv !== null) {
    const below = slaves.map((name) => context.devices.byName.get(name)?.dmName ?? name);
    return { kind: 'lvm_lv', type: 'lvm', below: slaves, vg: lv.vg, lv: lv.lv, details: lvTargets(device, below) };
  }
  if (kind.startsWith('CRYPT-')) return crypt(context, device, slaves);
  if (kind.startsWith('mpath-')) return { kind: 'multipath', type: 'multipath', below: slaves, details: ['multipath'] };
  if (/^part\d+-/.test(kind))
    return {
      kind: 'partition',
      type: '',
      below: slaves,
      partuuid: device.partuuid,
      partlabel: device.partlabel,
      details: ['linear'],
    };
  if (kind.startsWith('DMRAID-')) return { kind: 'md', type: 'dmraid', below: slaves, details: ['dmraid'] };
  context.tree.miss(`device-mapper layer ${device.dmName ?? device.name}`, `its UUID "${kind}" is of no known kind`);
  return { kind: 'disk', type: 'dm', below: slaves, details: kind === '' ? [] : [kind] };
}

/** `CRYPT-LUKS2-<uuid without dashes>-<name>`, `CRYPT-PLAIN-…`, `CRYPT-VERITY-…`. */
async function crypt(context: BlockContext, device: BlockDevice, slaves: readonly string[]): Promise<Layer> {
  const [, type = '', packed = ''] = (device.dmUuid ?? '').split('-');
  const uuid = /^(\w{8})(\w{4})(\w{4})(\w{4})(\w{12})$/.exec(packed)?.slice(1).join('-') ?? null;
  const below = slaves[0] === undefined ? undefined : context.devices.byName.get(slaves[0]);
  const header = type.startsWith('LUKS') && below !== undefined ? await context.luks(below) : null;
  return {
    kind: 'crypt',
    type: type.toLowerCase(),
    below: slaves,
    uuid: uuid ?? header?.uuid ?? null,
    details: header?.cipher === undefined || header.cipher === null ? [] : [header.cipher],
  };
}

function mdArray(tree: HostTree, device: BlockDevice, slaves: readonly string[]): Layer {
  const level = line(tree, `${device.path}/md/level`);
  const uuid = mdUuid(tree, device);
  return {
    kind: 'md',
    type: line(tree, `${device.path}/md/metadata_version`) ?? '',
    below: slaves,
    details: level === null ? [] : [level],
    ...(uuid === null ? {} : { uuid }),
  };
}

/** As mdadm writes it, from udev's link: aaaaaaaa:bbbbbbbb:cccccccc:dddddddd. */
function mdUuid(tree: HostTree, device: BlockDevice): string | null {
  const link = device.names.find((name) => name.startsWith('/dev/disk/by-id/md-uuid-'));
  if (link !== undefined) return link.slice('/dev/disk/by-id/md-uuid-'.length);
  const own = line(tree, `${device.path}/md/uuid`)?.replaceAll('-', '') ?? '';
  return /^(\w{8})(\w{8})(\w{8})(\w{8})$/.exec(own)?.slice(1).join(':') ?? null;
}

function disk(tree: HostTree, device: BlockDevice): Layer {
  const type = transportOf(device.name, device.path);
  const chains = [driverChain(tree, device.path), ...controllers(tree, device)];
  if (type === 'iscsi') chains.push(networkDrivers(tree, iscsiServer(tree, device)));
  if (type === 'nbd' || type === 'rbd' || type === 'drbd') chains.push(networkDrivers(tree, null));
  const drivers = mergeDrivers(chains);
  if (type === 'loop' || type === 'ram')
    tree.miss(`what is below ${device.name}`, 'a file holds it: the file system under that is not followed');
  else if (drivers.length === 0 && type !== 'zram')
    tree.miss(`drivers of ${device.name}`, `${device.path} shows none up to the bus`);
  return { kind: 'disk', type, below: [], drivers };
}

/** A multipath NVMe namespace hangs below a virtual subsystem, which links to its controllers. */
function controllers(tree: HostTree, device: BlockDevice): ReturnType<typeof driverChain>[] {
  if (!device.name.startsWith('nvme') || !device.path.includes('/nvme-subsystem/')) return [];
  const subsystem = device.path.slice(0, device.path.lastIndexOf('/'));
  return tree
    .list(subsystem)
    .filter((name) => /^nvme\d+$/.test(name))
    .flatMap((name) => {
      const path = tree.real(`${subsystem}/${name}`);
      return path === null ? [] : [driverChain(tree, path)];
    });
}

/** The portal's address of a session's first connection. */
function iscsiServer(tree: HostTree, device: BlockDevice): string | null {
  const session = /\/session(\d+)\//.exec(device.path)?.[1];
  return session === undefined
    ? null
    : line(tree, `/sys/class/iscsi_connection/connection${session}:0/persistent_address`);
}
