/** The stack of a running host, from its mounts down to the hardware. */
import type { Mount } from '../mountinfo.ts';
import type { StorageNode } from '../types.ts';
import type { BlockDevice } from './block-devices.ts';
import { blockNode, type BlockContext } from './block-node.ts';
import { EMPTY_NODE } from './empty-node.ts';
import { networkDrivers } from './network-interfaces.ts';

/** File systems whose data come over a network, or from the hypervisor, and not from a block device. */
const NETWORK = new Set(['nfs', 'nfs4', 'cifs', 'smb3', 'ceph', '9p', 'virtiofs', 'glusterfs', 'fuse.glusterfs']);
/** File systems that a container or a live medium shows in the place of a disk's. */
const VIRTUAL = new Set(['overlay', 'tmpfs', 'ramfs', 'rootfs', 'aufs', 'squashfs', 'erofs']);

export interface Stack {
  readonly nodes: Map<string, StorageNode>;
  /** Whether every layer down to the hardware is known. */
  complete: boolean;
}

/** Adds the file system mounted at a mount point and all below it. Returns its node's id. */
export async function addMount(context: BlockContext, stack: Stack, mount: Mount): Promise<string> {
  const id = `fs:${mount.mountPoint}`;
  const own = { id, name: mount.source, type: mount.type, mountPoints: [mount.mountPoint], fsRoot: mount.fsRoot };
  if (NETWORK.has(mount.type)) {
    stack.nodes.set(id, { ...EMPTY_NODE, ...own, kind: 'network', drivers: remoteDrivers(context, mount) });
    return id;
  }
  const below = devicesOf(context, stack, mount);
  const first = below[0];
  stack.nodes.set(id, {
    ...EMPTY_NODE,
    ...own,
    kind: 'filesystem',
    uuid: first?.uuid ?? null,
    label: first?.label ?? null,
    below: below.map(({ name }) => name),
  });
  for (const device of below) await addDevice(context, stack, device);
  return id;
}

/** Adds a swap device and all below it. Returns its node's id. */
export async function addSwap(context: BlockContext, stack: Stack, device: BlockDevice): Promise<string> {
  const id = `swap:${device.name}`;
  const { uuid, label, name } = device;
  stack.nodes.set(id, {
    ...EMPTY_NODE,
    id,
    kind: 'swap',
    name: `/dev/${name}`,
    type: 'swap',
    uuid,
    label,
    below: [name],
  });
  await addDevice(context, stack, device);
  return id;
}

async function addDevice(context: BlockContext, stack: Stack, device: BlockDevice): Promise<void> {
  if (stack.nodes.has(device.name)) return;
  const node = await blockNode(context, device);
  stack.nodes.set(node.id, node);
  if (node.kind === 'disk' && (node.type === 'loop' || node.type === 'dm' || node.drivers.length === 0))
    stack.complete = false;
  for (const name of node.below) {
    const next = context.devices.byName.get(name);
    if (next === undefined) {
      context.tree.miss(`what ${node.name} stands on`, `${name} is not in /sys/class/block`);
      stack.complete = false;
    } else {
      await addDevice(context, stack, next);
    }
  }
}

function devicesOf(context: BlockContext, stack: Stack, mount: Mount): BlockDevice[] {
  const { tree, devices } = context;
  const found = btrfsDevices(context, mount) ?? zfsDevices(context, mount);
  if (found !== null && found.length > 0) return found;
  const device = devices.byNumber.get(mount.device) ?? bySource(context, mount.source);
  if (device !== null) return [device];
  stack.complete = false;
  const reason = VIRTUAL.has(mount.type)
    ? `it is ${mount.type}: a container or a live system, and no disk's file system`
    : `no block device ${mount.device} (${mount.source}) is in /sys`;
  tree.miss(`what ${mount.mountPoint} stands on`, reason);
  return [];
}

/** mountinfo names a device by any of its names. */
function bySource(context: BlockContext, source: string): BlockDevice | null {
  return context.devices.all.find(({ names }) => names.includes(source)) ?? null;
}

/** btrfs mounts have a device number of their own; sysfs lists the members by the file system's UUID. */
function btrfsDevices(context: BlockContext, mount: Mount): BlockDevice[] | null {
  if (mount.type !== 'btrfs') return null;
  const one = bySource(context, mount.source);
  for (const uuid of context.tree.list('/sys/fs/btrfs')) {
    const members = context.tree.list(`/sys/fs/btrfs/${uuid}/devices`);
    if (one === null || !members.includes(one.name)) continue;
    return members.flatMap((name) => context.devices.byName.get(name) ?? []);
  }
  return one === null ? null : [one];
}

/** ZFS tells sysfs nothing: udev knows the members of a pool by its label. */
function zfsDevices(context: BlockContext, mount: Mount): BlockDevice[] | null {
  if (mount.type !== 'zfs') return null;
  const pool = mount.source.split('/')[0];
  return context.devices.all.filter(({ fsType, label }) => fsType === 'zfs_member' && label === pool);
}

function remoteDrivers(context: BlockContext, mount: Mount): StorageNode['drivers'] {
  if (mount.type === '9p' || mount.type === 'virtiofs') return [];
  const server = mount.options.find((option) => option.startsWith('addr='))?.slice('addr='.length) ?? null;
  return networkDrivers(context.tree, server);
}
