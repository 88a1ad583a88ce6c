/** The stack of a host that does not run and is not mounted, as far as its configuration tells. */
import { fstabFor } from '../fstab.ts';
import { lastValue, type CommandLineWords } from '../command-line.ts';
import type { FstabLine, StorageNode } from '../types.ts';
import { EMPTY_NODE } from './empty-node.ts';
import { decodeLvName } from './lvm-names.ts';
import { transportOf } from './transport.ts';

const NETWORK = new Set(['nfs', 'nfs4', '9p', 'virtiofs', 'cifs', 'ceph']);

export interface OfflineFacts {
  readonly fstab: readonly FstabLine[];
  readonly crypttab: string | null;
  readonly mdadmConf: string | null;
  readonly commandLine: CommandLineWords | null;
}

type Draft = Pick<StorageNode, 'id' | 'kind' | 'name' | 'type'> & Partial<StorageNode>;

const node = (draft: Draft): StorageNode => ({ ...EMPTY_NODE, ...draft });

/** Nodes of the layers that fstab, crypttab and the command line name; disks only where a name tells their bus. */
export function offlineStack(facts: OfflineFacts): StorageNode[] {
  const nodes = new Map<string, StorageNode>();
  const add = (draft: Draft): string => {
    if (!nodes.has(draft.id)) nodes.set(draft.id, node(draft));
    return draft.id;
  };
  for (const mountPoint of ['/', '/usr']) {
    const line = fstabFor(facts.fstab, mountPoint);
    const spec = mountPoint === '/' ? rootSpec(facts, line) : (line?.spec ?? null);
    if (spec === null) continue;
    const type = fileSystemType(facts, line, spec, mountPoint);
    const kind = NETWORK.has(type) ? 'network' : 'filesystem';
    const below = kind === 'network' || type === 'zfs' ? [] : deviceLayers(facts, spec, add);
    add({ id: `fs:${mountPoint}`, kind, name: spec, type, mountPoints: [mountPoint], below, ...tags(spec) });
  }
  return [...nodes.values()];
}

/** What the kernel is told counts before what fstab says. */
function rootSpec(facts: OfflineFacts, line: FstabLine | null): string | null {
  const told = facts.commandLine === null ? null : lastValue(facts.commandLine, 'root');
  if (told !== null && /^(?:\/dev\/|[A-Z]+=|zfs:|ZFS=|nfs:|\d+\.\d+\.\d+\.\d+:)/.test(told)) return told;
  return line?.spec ?? told;
}

function fileSystemType(facts: OfflineFacts, line: FstabLine | null, spec: string, mountPoint: string): string {
  if (line !== null && line.type !== 'auto') return line.type;
  if (/^(?:zfs:|ZFS=)/.test(spec)) return 'zfs';
  if (/^nfs:|^[\w.]+:\//.test(spec)) return 'nfs';
  const told = mountPoint === '/' && facts.commandLine !== null ? lastValue(facts.commandLine, 'rootfstype') : null;
  return told ?? '';
}

function tags(spec: string): Partial<StorageNode> {
  const match = /^(UUID|LABEL)=(.*)$/.exec(spec);
  if (match?.[2] === undefined) return {};
  return match[1] === 'UUID' ? { uuid: match[2] } : { label: match[2] };
}

/** Adds the layers below a file system on `spec`, as far as names tell. Returns the ids it stands on. */
function deviceLayers(facts: OfflineFacts, spec: string, add: (draft: Draft) => string): string[] {
  const mapped = /^\/dev\/mapper\/(.+)$/.exec(spec)?.[1];
  const crypt = mapped === undefined ? null : cryptLine(facts.crypttab, mapped);
  if (mapped !== undefined && (crypt !== null || mapped.startsWith('luks-'))) {
    const uuid = /^UUID=(.+)$/.exec(crypt?.device ?? '')?.[1] ?? /^luks-(.+)$/.exec(mapped)?.[1] ?? null;
    const below = crypt === null ? [] : deviceLayers(facts, crypt.device, add);
    return [add({ id: mapped, kind: 'crypt', name: spec, type: 'luks', uuid, below })];
  }
  const path = /^\/dev\/([^/]+)\/([^/]+)$/.exec(spec);
  const plain = path !== null && !['mapper', 'disk', 'md', 'block'].includes(path[1] ?? '');
  const lv = mapped === undefined ? null : decodeLvName(mapped);
  const named = plain ? { vg: path[1] ?? '', lv: path[2] ?? '' } : lv;
  if (named !== null) {
    const below = physicalVolumeLayers(facts, add);
    return [add({ id: `${named.vg}/${named.lv}`, kind: 'lvm_lv', name: spec, type: 'lvm', ...named, below })];
  }
  if (spec.startsWith('/dev/md')) return [add({ id: spec.slice('/dev/'.length), kind: 'md', name: spec, type: '' })];
  const partition = /^\/dev\/((?:[svx]v?d[a-z]+|(?:nvme\d+n|mmcblk)\d+))p?(\d+)?$/.exec(spec);
  if (partition?.[1] === undefined) return [];
  const disk = add({
    id: partition[1],
    kind: 'disk',
    name: `/dev/${partition[1]}`,
    type: transportOf(partition[1], ''),
  });
  if (partition[2] === undefined) return [disk];
  return [add({ id: spec.slice('/dev/'.length), kind: 'partition', name: spec, type: '', below: [disk] })];
}

/** What the command line opens before volume groups are looked for: they may stand on it. */
function physicalVolumeLayers(facts: OfflineFacts, add: (draft: Draft) => string): string[] {
  const words = facts.commandLine?.words ?? [];
  return words.flatMap(({ key, value }) => {
    if (value === null) return [];
    if (key === 'rd.luks.uuid') {
      const uuid = value.replace(/^luks-/, '');
      return [add({ id: `luks-${uuid}`, kind: 'crypt', name: `UUID=${uuid}`, type: 'luks', uuid })];
    }
    return key === 'rd.md.uuid' ? [add({ id: `md-${value}`, kind: 'md', name: value, type: '', uuid: value })] : [];
  });
}

function cryptLine(crypttab: string | null, name: string): { device: string } | null {
  for (const line of (crypttab ?? '').split('\n')) {
    const [target, device] = line.trim().split(/\s+/);
    if (target === name && device !== undefined) return { device };
  }
  return null;
}
