import type { StorageFacts, StorageNode } from '../host/types.ts';
import { canonicalName } from './device-names.ts';
import { isDracut } from './dracut-arguments.ts';
import { nodesBelow, rootNode } from './storage-stack.ts';
import type { BootFacts } from './types.ts';

/** A device that `root=` names and that is not what `/` is mounted from. */
export interface OtherDevice {
  /** `/dev/vda1` */
  readonly name: string;
  /** What is on it, in blkid's words or in those of the layer that stands on it; null: not known. */
  readonly holds: string | null;
  /** Whether that is certain not to be mounted as a root file system by any means. */
  readonly isNoRoot: boolean;
  /** What `/` is mounted from. */
  readonly rootDevice: string;
}

/** What is no file system at all, or none that can be `/`; a member of an array may show one (see `isNoRoot`). */
const NO_ROOT = /^(?:LVM2_member|LVM1_member|crypto_LUKS|swap|swsuspend|bcache|vfat)$/;

/**
 * What a name leads to instead of `/`; null where it leads there (by another name, over one path of several, by one disk
 * of several), and where that cannot be told.
 */
export function otherThanRoot(spec: string, storage: StorageFacts): OtherDevice | null {
  const root = rootNode(storage);
  if (root === null || root.kind === 'network' || root.below.length === 0) return null;
  const own = ownDevices(root, storage);
  const name = canonicalName(spec);
  const uuid = root.uuid === null ? null : canonicalName(`UUID=${root.uuid}`);
  if (name === uuid) return null;
  const named = storage.devices.filter(({ names }) => names.some((known) => canonicalName(known) === name));
  const found = [...named, ...inStack(name, storage)];
  const isRoot = found.some(
    ({ id, names }) => id === root.id || own.has(id) || names.some((known) => canonicalName(known) === uuid),
  );
  const [first] = found;
  if (first === undefined || isRoot) return null;
  const layer = layerOn(first.id, storage);
  const holds = first.holds ?? layer;
  const [rootDevice = root.name] = nodesBelow(storage, root).map((node) => node.name);
  return {
    name: `/dev/${first.id}`,
    holds,
    isNoRoot:
      layer === 'partitions' ||
      (holds !== null && holds !== root.type && (NO_ROOT.test(holds) || isLockedMember(first.id, holds, storage))),
    rootDevice,
  };
}

/** The devices of the file system of `/`: more than one for btrfs; the paths of a multipath disk are that disk. */
function ownDevices(root: StorageNode, storage: StorageFacts): ReadonlySet<string> {
  const own = new Set(root.below);
  for (const node of storage.nodes)
    if (node.kind === 'multipath' && own.has(node.id)) for (const path of node.below) own.add(path);
  return own;
}

function inStack(name: string, { nodes }: StorageFacts): readonly { id: string; names: string[]; holds: null }[] {
  return nodes.flatMap((node) => {
    if (node.id.includes(':')) return [];
    const names = [
      node.name,
      ...(node.uuid === null || MADE_OF.has(node.kind) ? [] : [`UUID=${node.uuid}`]),
      ...(node.partuuid === null ? [] : [`PARTUUID=${node.partuuid}`]),
    ];
    const found = names.some((known) => canonicalName(known) === name) ? [{ id: node.id, names, holds: null }] : [];
    const below = MADE_OF.has(node.kind) && canonicalName(`UUID=${node.uuid ?? ''}`) === name ? node.below : [];
    return [...found, ...below.map((id) => ({ id, names: [`UUID=${node.uuid ?? ''}`], holds: null }))];
  });
}

/** Layers whose UUID is that of the container, which is on the devices below them. */
const MADE_OF: ReadonlySet<StorageNode['kind']> = new Set(['crypt', 'md']);

/** What stands on a device of the stack, as blkid calls it where it has a word; null where nothing does, or several things. */
function layerOn(id: string, { nodes }: StorageFacts): string | null {
  const kinds = new Set(nodes.filter(({ below }) => below.includes(id)).map(({ kind }) => kind));
  const [kind] = kinds;
  if (kinds.size !== 1) return null;
  switch (kind) {
    case 'lvm_lv':
      return nodes.some((node) => node.id === id && node.kind === 'lvm_lv') ? null : 'LVM2_member';
    case 'crypt':
      return 'crypto_LUKS';
    case 'bcache':
      return 'bcache';
    case 'partition':
      return 'partitions';
    case 'md':
      return 'linux_raid_member';
    default:
      return null;
  }
}

/** An array of metadata 1.1 or 1.2 begins its members with its own: no file system is to be found at their start. */
function isLockedMember(id: string, holds: string, { nodes }: StorageFacts): boolean {
  if (!holds.endsWith('_raid_member')) return false;
  return nodes.some(({ kind, type, below }) => kind === 'md' && below.includes(id) && /^1\.[12]$/.test(type));
}

/** Whether what mounts `/` takes `root=` for the name of its file system: some generators mean the encrypted disk by it. */
export function mountsByRootWord({ image, imageError }: BootFacts): boolean {
  if (image === null) return imageError === null;
  if (/^[^#\s]\S*\s+\/sysroot\s/m.test(image.tree.text('etc/fstab') ?? '')) return false;
  return isDracut(image) || image.generator === 'initramfs-tools';
}
