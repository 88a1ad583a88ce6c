/** The files of a captured tree: those that it holds, and those that it only tells of. */
import type { diskFiles } from './files.ts';
import { listByStat, Refusal, type Derived, type FileStat, type Files } from './files.ts';
import type { Unread } from './types.ts';

/** Beside the captured files, at the top of the tree. */
export const MANIFEST = '/bellwether-capture.json';
const FORMAT = 1;
const LIMIT = 256 * 1024 * 1024;

/** What a captured tree tells beside its files. docs/capture.md says why each is needed. */
export interface Manifest {
  readonly format: typeof FORMAT;
  /** Regular files: size and time of change on the host, content carried or not. */
  readonly files: Readonly<Record<string, readonly [size: number, mtime: number]>>;
  /** Codes of the errors that the host's reader met, by path. */
  readonly refused: Readonly<Record<string, string>>;
  /** Values worked out on the host: from disks, from files too large to carry. */
  readonly derived: Readonly<Record<string, Derived>>;
  /** What could not be read on the host. */
  readonly unread: readonly Unread[];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isManifest(value: unknown): value is Manifest {
  return (
    isObject(value) &&
    value.format === FORMAT &&
    isObject(value.files) &&
    Object.values(value.files).every(
      (file) => Array.isArray(file) && file.length === 2 && file.every((part) => typeof part === 'number'),
    ) &&
    isObject(value.refused) &&
    Object.values(value.refused).every((code) => typeof code === 'string') &&
    isObject(value.derived) &&
    Array.isArray(value.unread) &&
    value.unread.every((entry) => isObject(entry) && typeof entry.what === 'string')
  );
}

/** The disk's own files where the tree is no capture. */
export function capturedFiles(disk: ReturnType<typeof diskFiles>, unread: Unread[]): Files {
  const text = disk.lstat(MANIFEST)?.type === 'file' ? disk.read(MANIFEST, LIMIT, 0) : null;
  if (text === null) return disk;
  const manifest = parseManifest(text.toString('utf8'));
  if (manifest === null) {
    unread.push({ part: 'kernels', what: MANIFEST, reason: 'it is no list of captured files that is understood here' });
    return disk;
  }
  unread.push(...manifest.unread);
  return overlay(disk, manifest);
}

function parseManifest(text: string): Manifest | null {
  try {
    const value: unknown = JSON.parse(text);
    return isManifest(value) ? value : null;
  } catch {
    return null; // cut or damaged: put on record by the caller
  }
}

function overlay(disk: Files, manifest: Manifest): Files {
  const stats = new Map<string, FileStat>(
    Object.entries(manifest.files).map(([path, [size, mtime]]) => [path, { type: 'file', size, mtime }]),
  );
  const children = childrenOf(stats.keys());
  const refused = new Map(Object.entries(manifest.refused));
  const derived = new Map(Object.entries(manifest.derived));
  const refuse = (path: string): void => {
    const code = refused.get(path);
    if (code !== undefined) throw new Refusal(code);
  };
  const files: Files = {
    lstat: (path) => {
      const stat = stats.get(path) ?? disk.lstat(path);
      if (stat === null) refuse(path);
      return stat;
    },
    readlink: (path) => disk.readlink(path),
    readdir: (path) => {
      refuse(path);
      const told = children.get(path);
      const there = path === '/' ? disk.readdir(path)?.filter((name) => `/${name}` !== MANIFEST) : disk.readdir(path);
      if (told === undefined) return there ?? null;
      return [...new Set([...(there ?? []), ...told])].sort();
    },
    list: (path) => listByStat(files, path),
    read: (path, limit, offset) => {
      refuse(path);
      const bytes = disk.read(path, limit, offset);
      if (bytes === null && stats.has(path)) throw new Refusal('ENODATA');
      return bytes;
    },
    derived: (key) => derived.get(key),
    keep: () => undefined,
    get plain() {
      return files;
    },
    captured: true,
  };
  return files;
}

function childrenOf(paths: Iterable<string>): Map<string, string[]> {
  const children = new Map<string, string[]>();
  for (const path of paths) {
    const slash = path.lastIndexOf('/');
    const parent = path.slice(0, slash) || '/';
    const known = children.get(parent);
    if (known === undefined) children.set(parent, [path.slice(slash + 1)]);
    else known.push(path.slice(slash + 1));
  }
  return children;
}
