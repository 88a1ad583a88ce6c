/** Takes a host's facts to another machine: everything that reading it read, as a tar archive. */
import { createReadStream } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { MANIFEST, type Manifest } from '../captured-files.ts';
import { diskFiles, type Derived, type Files } from '../files.ts';
import { below, type Mount } from '../mountinfo.ts';
import { readHost } from '../read-host.ts';
import { openTree, type HostTree } from '../tree.ts';
import { readTrustedKeys } from '../trusted-keys.ts';
import type { HostFacts, Unread } from '../types.ts';
import type { PackageReader } from '../package-facts.ts';
import { emptyRecord, recordFiles, type FileRecord } from './record-files.ts';
import { redactFile, redactMountinfo, redactText } from './redact.ts';
import { writeTar, type TarMember } from './tar.ts';

export interface CaptureOptions {
  readonly signal?: AbortSignal;
  /** Where the running system's own proc and sys lie, `/` by default. */
  readonly machine?: string;
  /** As for `readHost`: what it says is carried along. */
  readonly packages?: PackageReader;
  /**
   * What to take whole: kernels, with their modules' list and index, and image files, by their paths on the host.
   * Judging anything else from the capture is then answered with *unknown*.
   */
  readonly select: (host: HostFacts) => { readonly kernels: readonly string[]; readonly images: readonly string[] };
  /** What judging asks of the host beside: what is worked out on its tree travels. */
  readonly prove?: (host: HostFacts, tree: HostTree) => Promise<void>;
}

/** The bytes of the archive. The host is read before the first of them is yielded; errors are those of `readHost`. */
export async function* captureHost(root: string, options: CaptureOptions): AsyncGenerator<Uint8Array> {
  const host = emptyRecord();
  const machine = emptyRecord();
  let selected: ReturnType<CaptureOptions['select']> = { kernels: [], images: [] };
  const facts = await readHost(root, {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.machine === undefined ? {} : { machine: options.machine }),
    ...(options.packages === undefined ? {} : { packages: options.packages }),
    through: (files, whose) => recordFiles(files, whose === 'host' ? host : machine),
    select: (light) => {
      selected = options.select(light);
      return selected.kernels;
    },
  });
  const at = await realpath(root);
  const images = takeImages(at, host, selected.images);
  await takeKeys(at, host, facts, selected.kernels);
  await options.prove?.(
    facts,
    openTree(at, [], (files: Files) => recordFiles(files, host)),
  );
  const record = merge(host, machine, facts.source === 'mounted' ? at : null);
  const machineRoot = facts.source === 'mounted' ? (options.machine ?? '/') : at;
  completeLists(record, (path) => diskFiles(OF_MACHINE.test(path) ? machineRoot : at));
  yield* writeTar(members(record, facts.unread, images));
}

/** Real paths of the images on the host, by the path on this machine. */
function takeImages(root: string, record: FileRecord, paths: readonly string[]): Map<string, string> {
  const unread: Unread[] = [];
  const tree = openTree(root, unread, (files: Files) => recordFiles(files, record));
  const images = new Map<string, string>();
  for (const path of paths) {
    const real = tree.real(path);
    const outside = tree.outside(path);
    if (real !== null && outside !== null && tree.stat(path)?.type === 'file') images.set(real, outside);
  }
  return images;
}

/** What the modules of an image are held against, where the kernel file itself does not travel. */
async function takeKeys(
  root: string,
  record: FileRecord,
  { kernels }: Pick<HostFacts, 'kernels'>,
  selected: readonly string[],
): Promise<void> {
  const tree = openTree(root, [], (files: Files) => recordFiles(files, record));
  for (const { kernel, vmlinuz } of kernels)
    if (vmlinuz !== null && selected.includes(kernel)) await readTrustedKeys(tree, vmlinuz.path);
}

const OF_MACHINE = /^\/(?:sys|proc|run|dev)(?:\/|$)/;

/**
 * One record of both trees. A process's own folder in procfs goes by the name that stays: `/proc/self`.
 * @param mountedAt where the host is mounted, in whose place the archive has its root; null where it is not
 */
function merge(host: FileRecord, machine: FileRecord, mountedAt: string | null): FileRecord {
  const record = emptyRecord();
  const take = <V>(from: Map<string, V>, to: Map<string, V>, wanted: (path: string) => boolean): void => {
    for (const [path, value] of from) {
      if (wanted(path)) to.set(path.replace(/^\/proc\/\d+(?=\/|$)/, '/proc/self'), value);
    }
  };
  const takeAll = (from: FileRecord, wanted: (path: string) => boolean): void => {
    take(from.stats, record.stats, wanted);
    take(from.links, record.links, wanted);
    take(from.lists, record.lists, wanted);
    take(from.contents, record.contents, wanted);
    take(from.refused, record.refused, wanted);
    for (const [key, value] of from.derived) record.derived.set(key, value);
  };
  takeAll(host, mountedAt === null ? () => true : (path) => !OF_MACHINE.test(path));
  if (mountedAt !== null) takeAll(machine, (path) => OF_MACHINE.test(path));
  record.links.delete('/proc/self');
  for (const [path, bytes] of record.contents) {
    const select = (mounts: readonly Mount[]) => below(mounts, mountedAt ?? '/');
    record.contents.set(
      path,
      path === '/proc/self/mountinfo' || path === '/proc/1/mountinfo'
        ? Buffer.from(redactMountinfo(bytes.toString('utf8'), select))
        : redactFile(path, bytes),
    );
  }
  return record;
}

/** Lists of which only what was read matters: names of every device, of every volume. */
const LONG_LISTS = new Set(['/run/udev/data']);

/** What a listed directory holds and nobody looked at is told by its kind, so that lists stay as they were. */
function completeLists(record: FileRecord, filesOf: (path: string) => Files): void {
  for (const [directory, names] of record.lists) {
    if (LONG_LISTS.has(directory)) continue;
    const files = filesOf(directory);
    for (const name of names) {
      const path = directory === '/' ? `/${name}` : `${directory}/${name}`;
      if (record.stats.has(path) || record.links.has(path)) continue;
      const stat = files.lstat(path);
      if (stat === null) continue;
      record.stats.set(path, stat);
      const target = stat.type === 'symlink' ? files.readlink(path) : null;
      if (target !== null) record.links.set(path, target);
    }
  }
}

function* members(
  record: FileRecord,
  unread: readonly Unread[],
  images: ReadonlyMap<string, string>,
): Generator<TarMember> {
  const manifest = Buffer.from(`${JSON.stringify(manifestOf(record, unread))}\n`);
  yield { type: 'file', path: MANIFEST, mtime: 0, size: manifest.length, body: [manifest] };
  const paths = new Set([...record.stats.keys(), ...record.links.keys(), ...record.contents.keys()]);
  const done = new Set(['/']);
  for (const path of [...paths].sort()) {
    for (const parent of parentsOf(path)) {
      if (!done.has(parent)) yield { type: 'directory', path: parent };
      done.add(parent);
    }
    if (done.has(path)) continue;
    done.add(path);
    const target = record.links.get(path);
    const stat = record.stats.get(path);
    const bytes = record.contents.get(path);
    const image = images.get(path);
    if (target !== undefined) yield { type: 'symlink', path, target };
    else if (image !== undefined && stat !== undefined)
      yield { type: 'file', path, mtime: stat.mtime, size: stat.size, body: createReadStream(image) };
    else if (bytes !== undefined)
      yield { type: 'file', path, mtime: stat?.mtime ?? 0, size: bytes.length, body: [bytes] };
    else if (stat?.type === 'directory') yield { type: 'directory', path };
  }
}

function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}

function manifestOf(record: FileRecord, unread: readonly Unread[]): Manifest {
  const files: Record<string, readonly [number, number]> = {};
  for (const [path, { type, size, mtime }] of [...record.stats].sort()) {
    if (type !== 'file') continue;
    // What the kernel makes up as it is read has neither size nor time of its own.
    if (!OF_MACHINE.test(path)) files[path] = [size, mtime];
    else if (!record.contents.has(path)) files[path] = [0, 0];
  }
  return {
    format: 1,
    files,
    refused: Object.fromEntries([...record.refused].sort()),
    derived: Object.fromEntries([...record.derived].sort().map(([key, value]) => [key, redactDerived(value)])),
    unread,
  };
}

/** A unified kernel image's command line is among the derived values. */
function redactDerived(value: Derived): Derived {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redactDerived(inner)]));
}
