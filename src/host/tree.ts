/** A host's file tree as its readers see it: everything below one root, links included, nothing outside it. */
import { closeSync, fstatSync, lstatSync, openSync, readSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { Unread } from './types.ts';

export type FileType = 'file' | 'directory' | 'symlink' | 'other';

export interface FileStat {
  readonly type: FileType;
  /** Bytes. */
  readonly size: number;
  /** Whole seconds since the epoch. */
  readonly mtime: number;
}

/** A value that can be worked out on the host itself alone, and that a capture therefore carries as it is. */
export type Derived = null | boolean | number | string | readonly Derived[] | { readonly [key: string]: Derived };

/**
 * Paths are absolute on the host. Absent is null (or an empty list); what is there and cannot be read is null too,
 * and is put on record as unread. Links are followed below the root as the host itself would follow them.
 */
export interface HostTree {
  readonly root: string;
  /** Of what the path leads to. */
  stat(path: string): FileStat | null;
  /** Of the link itself. */
  lstat(path: string): FileStat | null;
  /** Names in a directory, sorted by code unit; empty where absent. */
  list(path: string): readonly string[];
  /** What a directory holds, each with its own stat (links not followed), sorted by name. */
  entries(path: string): readonly { readonly name: string; readonly stat: FileStat }[];
  /** Whether it leads to anything; null where that could not be looked at. */
  exists(path: string): boolean | null;
  /** At most `limit` bytes of a regular file, from `offset` on. */
  bytes(path: string, limit?: number, offset?: number): Buffer | null;
  /** A regular file as UTF-8 text, at most 4 MiB of it. */
  text(path: string): string | null;
  /** Where a link points, as written; null for what is no link. */
  link(path: string): string | null;
  /** The path on the host with every link followed; null where it leads nowhere. */
  real(path: string): string | null;
  /** The path on this machine, for readers that want a file and not a text; null where it leads nowhere. */
  outside(path: string): string | null;
  /** A value that cannot be had from a captured tree: the capture's, where there is one, else computed here. */
  derive<T extends Derived>(key: string, compute: (tree: HostTree) => Promise<T>): Promise<T>;
  /** The same tree, with what is refused put on record under this part of the facts. */
  noting(part: Unread['part'], kernel?: string): HostTree;
  /** Puts on record something that could not be read. */
  miss(what: string, reason: string): void;
}

const TEXT_LIMIT = 4 * 1024 * 1024;
const MAX_LINKS = 40;
const ABSENT = new Set(['ENOENT', 'ENOTDIR']);

const REASONS = new Map([
  ['EACCES', 'permission denied (not root?)'],
  ['EPERM', 'permission denied (not root?)'],
  ['ELOOP', 'its links loop'],
  ['EIO', 'input/output error'],
]);

/** The code of a failed system call; null for anything else. */
export function errorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

function reasonOf(code: string): string {
  return REASONS.get(code) ?? code;
}

function typeOf(stats: Stats): FileType {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
}

function toStat(stats: Stats): FileStat {
  return { type: typeOf(stats), size: stats.size, mtime: Math.floor(stats.mtimeMs / 1000) };
}

class Refusal extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** Runs a system call: null where the file is absent; a refusal keeps its code. */
function unlessAbsent<T>(call: () => T): T | null {
  try {
    return call();
  } catch (error) {
    const code = errorCode(error);
    if (code === null) throw error;
    if (ABSENT.has(code)) return null;
    throw new Refusal(code);
  }
}

/** Reads up to `limit` bytes: procfs and sysfs give no size, so reading goes on to the end of the file. */
function readUpTo(path: string, limit: number, offset: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new Refusal('EINVAL');
    const chunks: Buffer[] = [];
    let total = 0;
    while (total < limit) {
      const chunk = Buffer.allocUnsafe(Math.min(limit - total, Math.max(4096, stats.size + 1 - offset - total)));
      const count = readSync(file, chunk, 0, chunk.length, offset + total);
      if (count === 0) break;
      chunks.push(chunk.subarray(0, count));
      total += count;
    }
    const [only] = chunks;
    return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
  } finally {
    closeSync(file);
  }
}

const split = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');

/**
 * Follows links as a process with its root at `root` would: absolute targets start at the root again, and `..` does
 * not lead out of it. Directories that were walked once are remembered.
 */
function createWalker(root: string) {
  const known = new Map<string, string | null>();

  function stepInto(directory: string, name: string, budget: { links: number }): string | null {
    const path = directory === '/' ? `/${name}` : `${directory}/${name}`;
    const before = known.get(path);
    if (before !== undefined) return before;
    const stats = unlessAbsent(() => lstatSync(join(root, path)));
    let found: string | null = null;
    if (stats?.isSymbolicLink() === true) {
      budget.links += 1;
      if (budget.links > MAX_LINKS) throw new Refusal('ELOOP');
      const target = unlessAbsent(() => readlinkSync(join(root, path)));
      found = target === null ? null : walk(target.startsWith('/') ? '/' : directory, split(target), budget);
    } else if (stats !== null) {
      found = path;
    }
    known.set(path, found);
    return found;
  }

  function walk(start: string, names: readonly string[], budget: { links: number }): string | null {
    let at: string | null = start;
    for (const name of names) {
      if (name === '..') at = at.slice(0, Math.max(0, at.lastIndexOf('/'))) || '/';
      else at = stepInto(at, name, budget);
      if (at === null) return null;
    }
    return at;
  }

  return {
    real: (path: string): string | null => walk('/', split(path), { links: 0 }),
    /** The last name left as it is: for lstat and readlink. */
    parent: (path: string): string | null => {
      const names = split(path);
      const last = names.pop();
      const directory = walk('/', names, { links: 0 });
      if (directory === null || last === undefined) return directory;
      return directory === '/' ? `/${last}` : `${directory}/${last}`;
    },
  };
}

/** Opens the tree below `root`, a directory on this machine. What cannot be read goes to `unread`. */
export function openTree(root: string, unread: Unread[]): HostTree {
  const walker = createWalker(root);
  const on = (path: string): string => join(root, path);

  function view(part: Unread['part'], kernel: string | undefined): HostTree {
    const miss = (what: string, reason: string): void => {
      const entry: Unread = { part, what, reason, ...(kernel === undefined ? {} : { kernel }) };
      const same = (other: Unread): boolean =>
        other.part === part && other.kernel === kernel && other.what === what && other.reason === reason;
      if (!unread.some(same)) unread.push(entry);
    };
    const attempt = <T>(path: string, fallback: T, call: () => T): T => {
      try {
        return call();
      } catch (error) {
        const code = errorCode(error);
        if (code === null) throw error;
        if (!ABSENT.has(code)) miss(path, reasonOf(code));
        return fallback;
      }
    };
    const real = (path: string): string | null => attempt(path, null, () => walker.real(path));

    const tree: HostTree = {
      root,
      real,
      outside: (path) => {
        const found = real(path);
        return found === null ? null : on(found);
      },
      stat: (path) =>
        attempt(path, null, () => {
          const found = walker.real(path);
          return found === null ? null : toStat(lstatSync(on(found)));
        }),
      lstat: (path) =>
        attempt(path, null, () => {
          const found = walker.parent(path);
          return found === null ? null : toStat(lstatSync(on(found)));
        }),
      list: (path) =>
        attempt<readonly string[]>(path, [], () => {
          const found = walker.real(path);
          return found === null ? [] : readdirSync(on(found)).sort();
        }),
      entries: (path) =>
        attempt<ReturnType<HostTree['entries']>>(path, [], () => {
          const found = walker.real(path);
          if (found === null) return [];
          const folder = on(found);
          return readdirSync(folder)
            .sort()
            .flatMap((name) => {
              const stats = lstatSync(`${folder}/${name}`, { throwIfNoEntry: false });
              return stats === undefined ? [] : [{ name, stat: toStat(stats) }];
            });
        }),
      exists: (path) =>
        attempt<boolean | null>(path, null, () => {
          const found = walker.real(path);
          return found !== null && unlessAbsent(() => lstatSync(on(found))) !== null;
        }),
      bytes: (path, limit = TEXT_LIMIT, offset = 0) =>
        attempt(path, null, () => {
          const found = walker.real(path);
          if (found === null) return null;
          // A FIFO or a device named as a file would block or have side effects: look before opening.
          if (!lstatSync(on(found)).isFile()) {
            miss(path, 'it is no regular file');
            return null;
          }
          return readUpTo(on(found), limit, offset);
        }),
      text: (path) => tree.bytes(path)?.toString('utf8') ?? null,
      link: (path) =>
        attempt(path, null, () => {
          const found = walker.parent(path);
          if (found === null || !lstatSync(on(found)).isSymbolicLink()) return null;
          return readlinkSync(on(found));
        }),
      derive: (_key, compute) => compute(tree),
      noting: view,
      miss,
    };
    return tree;
  }

  return view('kernels', undefined);
}

/** The text of a one-line file such as those of sysfs, without the newline; null where absent or empty. */
export function line(tree: HostTree, path: string): string | null {
  const text = tree.text(path)?.trim();
  return text === undefined || text === '' ? null : text;
}

/** Whether the path leads to a directory. */
export function isDirectory(tree: HostTree, path: string): boolean {
  return tree.stat(path)?.type === 'directory';
}

/** Whether the path leads to a regular file. */
export function isFile(tree: HostTree, path: string): boolean {
  return tree.stat(path)?.type === 'file';
}
