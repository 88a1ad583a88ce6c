/** The storage stack: from `/`, `/usr` and the swap to resume from, down to the bus. */
import { lastValue, valuesOf, type CommandLineWords } from '../command-line.ts';
import { mountAt } from '../mountinfo.ts';
import { listOf, nullable, object, text } from '../derived-shape.ts';
import type { FactOrigin } from '../source.ts';
import { errorCode, type HostTree } from '../tree.ts';
import type { HostFiles, StorageFacts, StorageNode } from '../types.ts';
import type { BlockDevice, BlockDevices } from './block-devices.ts';
import type { DeviceNames } from './device-names.ts';
import { readKeyboards } from './keyboards.ts';
import { readLuksHeader, type LuksHeader } from './luks.ts';
import { parseLvmBackup, raidLevelOf } from './lvm-backup.ts';
import { isHiddenLv, lvOf } from './lvm-names.ts';
import { offlineStack } from './offline-stack.ts';
import { needsPassphrase } from './passphrase.ts';
import { addMount, addSwap, type Stack } from './stack.ts';

export interface StorageSources {
  readonly origin: FactOrigin;
  readonly files: Pick<HostFiles, 'fstab' | 'crypttab' | 'mdadmConf'>;
  /** What boots next is told; null where that is not known. */
  readonly commandLine: CommandLineWords | null;
  /** What any kernel of the host is told. */
  readonly commandLines: readonly CommandLineWords[];
}

const HEADER = nullable(object({ cipher: nullable(text), uuid: nullable(text), tokens: listOf(text) }));

/** LVM's copies of its metadata, a file a group (lvm.conf(5), backup/backup_dir). */
const BACKUPS = '/etc/lvm/backup';

export interface KnownDevices {
  readonly devices: BlockDevices;
  readonly names: DeviceNames;
}

/** @param tree the host's, noting what it cannot read under `storage` */
export async function readStorage(
  tree: HostTree,
  sources: StorageSources,
  known: KnownDevices | null,
): Promise<StorageFacts> {
  const { origin } = sources;
  return origin.devices === null || origin.mounts === null || known === null
    ? offlineStorage(tree, sources)
    : runningStorage(origin.devices.noting('storage'), tree, origin.mounts, sources, known);
}

async function runningStorage(
  tree: HostTree,
  host: HostTree,
  mounts: NonNullable<FactOrigin['mounts']>,
  sources: StorageSources,
  known: KnownDevices,
): Promise<StorageFacts> {
  const { devices, names } = known;
  const headers = new Map<string, LuksHeader>();
  const context = { tree, devices, luks: (device: BlockDevice) => luksHeader(tree, device) };
  const stack: Stack = { nodes: new Map(), complete: true };
  const required: { id: string; why: string; resume?: string }[] = [];

  for (const mountPoint of ['/', '/usr']) {
    const mount = mountAt(mounts, mountPoint);
    if (mount !== null) required.push({ id: await addMount(context, stack, mount), why: `holds ${mountPoint}` });
  }
  if (required.length === 0) {
    tree.miss('what / stands on', 'mountinfo names no root file system');
    stack.complete = false;
  }
  const resume = sources.commandLine === null ? null : lastValue(sources.commandLine, 'resume');
  const addResume = async (value: string, to: Stack): Promise<void> => {
    const swap = names.find(value);
    if (swap === null) return;
    required.push({ id: await addSwap(context, to, swap), why: `is what resume=${value} names`, resume: value });
  };
  if (resume !== null) await addResume(resume, stack);
  const next = [...stack.nodes.values()];
  // What other entries resume from is no part of what boots next: neither what is not known of it, nor who unlocks it.
  const others: Stack = { nodes: stack.nodes, complete: true };
  for (const value of valuesOf(sources.commandLines, 'resume')) if (value !== resume) await addResume(value, others);

  for (const node of next) {
    const below = node.kind === 'crypt' && node.below[0] !== undefined ? devices.byName.get(node.below[0]) : undefined;
    const header = below === undefined ? null : await luksHeader(tree, below);
    if (header !== null) headers.set(node.id, header);
  }
  const volumes = devices.all.filter((device) => !isHiddenLv(device)).flatMap((device) => lvOf(device) ?? []);
  const lvs = new Set(volumes.map(({ vg, lv }) => `${vg}/${lv}`));
  const hasLvm = lvs.size > 0 || devices.all.some(({ fsType }) => fsType === 'LVM2_member');
  const onRecord = hasLvm ? readBackups(host) : new Map<string, readonly string[]>();
  const nodes = [...stack.nodes.values()].map((node) => withRaidLevels(node, onRecord)).sort(byId);
  return {
    state: stack.complete ? 'complete' : nodes.length > 1 || nodes[0]?.kind === 'network' ? 'partial' : 'unknown',
    nodes,
    required,
    names: names.all,
    devices: devices.all.map(({ name, names: goesBy, fsType }) => ({ id: name, names: goesBy, holds: fsType })),
    lvs: devices.whole ? lvs : null,
    idleLvs: new Set([...onRecord.keys()].filter((volume) => !lvs.has(volume))),
    passphrase: needsPassphrase(next, { crypttab: sources.files.crypttab, headers }),
    keyboards: readKeyboards(tree),
  };
}

/** Nothing in /sys tells the level of a RAID of LVM's: the metadata do, of which the host has a copy. */
function withRaidLevels(node: StorageNode, onRecord: ReturnType<typeof readBackups>): StorageNode {
  if (node.vg === null || node.lv === null || !node.details.includes('raid')) return node;
  const types = onRecord.get(`${node.vg}/${node.lv}`) ?? [];
  return { ...node, details: [...node.details, ...new Set(types.flatMap((type) => raidLevelOf(type) ?? []))] };
}

/** The types of each volume's segments by VG/LV, of all groups that LVM has kept the metadata of. */
function readBackups(host: HostTree): ReadonlyMap<string, readonly string[]> {
  return new Map(
    host.list(BACKUPS).flatMap((vg) => {
      const volumes = parseLvmBackup(host.text(`${BACKUPS}/${vg}`) ?? '');
      return [...volumes].map(([lv, types]) => [`${vg}/${lv}`, types] as const);
    }),
  );
}

function offlineStorage(tree: HostTree, sources: StorageSources): StorageFacts {
  const nodes = offlineStack({ ...sources.files, commandLine: sources.commandLine }).sort(byId);
  tree.miss(
    'the disks and their drivers',
    'the host does not run here and /sys was not captured: only its configuration tells of its storage',
  );
  const roots = nodes.filter(({ mountPoints }) => mountPoints.length > 0);
  return {
    state: roots.length > 0 ? 'partial' : 'unknown',
    nodes,
    required: roots.map(({ id, mountPoints }) => ({ id, why: `holds ${mountPoints.join(', ')}` })),
    names: null,
    devices: [],
    lvs: null,
    idleLvs: new Set(),
    passphrase: needsPassphrase(nodes, { crypttab: sources.files.crypttab, headers: new Map() }),
    keyboards: [],
  };
}

/** Null, with the reason on record, where the device cannot be read: without root, or below a captured tree. */
async function luksHeader(tree: HostTree, device: BlockDevice): Promise<LuksHeader | null> {
  const found = await tree.derive(`luks:${device.name}`, HEADER, (plain) => {
    const miss = (reason: string): null => {
      plain.miss(`the LUKS header on ${device.name}`, reason);
      return null;
    };
    const path = plain.outside(`/dev/${device.name}`);
    if (path === null) return Promise.resolve(miss(`/dev/${device.name} is not there`));
    try {
      const header = readLuksHeader(path);
      return Promise.resolve(header === null ? null : { ...header });
    } catch (error) {
      return Promise.resolve(miss(errorCode(error) ?? String(error)));
    }
  });
  return found;
}

function byId(a: StorageNode, b: StorageNode): number {
  return a.id < b.id ? -1 : 1;
}
