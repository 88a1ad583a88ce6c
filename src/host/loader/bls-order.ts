/** In which order the two loaders that read type 1 entries show them. */
import { compareSegments } from '../../versions/rpm-versions.ts';
import { field, type BlsEntry } from './bls-entry.ts';

/** `name-version-release` from the end, as GRUB's blscfg splits an entry's file name; with fewer dashes, less from the left. */
function splitName(id: string): [name: string, version: string, release: string] {
  const parts = /^(?:(.*)-)?([^-]*)-([^-]*)$/.exec(id);
  if (parts === null) return [id, '', ''];
  const [, name, version = '', release = ''] = parts;
  return name === undefined ? [version, release, ''] : [name, version, release];
}

/** GRUB: newest file name first, name, version and release each by RPM's rules. */
export function compareForGrub(a: BlsEntry, b: BlsEntry): number {
  const [one, two] = [splitName(a.id), splitName(b.id)];
  return compareSegments(two[0], one[0]) || compareSegments(two[1], one[1]) || compareSegments(two[2], one[2]);
}

/** What systemd-boot sorts by, of entries of both types. */
export interface Sortable {
  readonly id: string;
  readonly sortKey: string | null;
  readonly machineId: string | null;
  readonly version: string | null;
  readonly triesLeft: number | null;
}

/**
 * systemd-boot: entries without attempts left come last; then by sort key, machine id and falling version where both have
 * a sort key, those with one before those without; else by falling file name.
 */
export function compareForSystemdBoot(a: Sortable, b: Sortable): number {
  const spent = Number(a.triesLeft === 0) - Number(b.triesLeft === 0);
  if (spent !== 0) return spent;
  if ((a.sortKey === null) !== (b.sortKey === null)) return a.sortKey === null ? 1 : -1;
  if (a.sortKey !== null && b.sortKey !== null) {
    const keyed =
      compareText(a.sortKey, b.sortKey) ||
      compareText(a.machineId ?? '', b.machineId ?? '') ||
      compareSegments(b.version ?? '', a.version ?? '');
    if (keyed !== 0) return keyed;
  }
  return compareSegments(b.id, a.id) || compareText(b.id, a.id);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export function toSortable(entry: BlsEntry): Sortable {
  return {
    id: entry.id,
    sortKey: field(entry, 'sort-key'),
    machineId: field(entry, 'machine-id'),
    version: field(entry, 'version'),
    triesLeft: entry.triesLeft,
  };
}
