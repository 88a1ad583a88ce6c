/** Access to the files of one tree by their real paths: what a host's tree is read through. */
import {
  closeSync,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  readdirSync,
  readlinkSync,
  type Dirent,
  type Stats,
} from 'node:fs';

export type FileType = 'file' | 'directory' | 'symlink' | 'other';

export interface FileStat {
  readonly type: FileType;
  /** Bytes. */
  readonly size: number;
  /** Whole seconds since the epoch. */
  readonly mtime: number;
}

export interface ListedFile {
  readonly name: string;
  readonly type: FileType;
}

/** A value that can be worked out on the host itself alone, and that a capture therefore carries as it is. */
export type Derived = null | boolean | number | string | readonly Derived[] | { readonly [key: string]: Derived };

/**
 * Paths are absolute below the root and hold no links. Absent is null; what is there and cannot be had throws `Refusal`.
 */
export interface Files {
  /** Of the file itself, links not followed. */
  lstat(path: string): FileStat | null;
  readlink(path: string): string | null;
  /** Sorted by code unit. */
  readdir(path: string): readonly string[] | null;
  /** The same with what each name is, links not followed: what a folder itself tells costs no look at each file. */
  list(path: string): readonly ListedFile[] | null;
  /** At most `limit` bytes of a regular file from `offset` on. */
  read(path: string, limit: number, offset: number): Buffer | null;
  /** A value worked out where the host is; undefined where it has to be worked out now. */
  derived(key: string): Derived | undefined;
  /** Takes down a value that was worked out now. */
  keep(key: string, value: Derived): void;
  /** Where values are worked out: the same files, unless what is read is taken down. */
  readonly plain: Files;
  /** Whether this is a capture, which holds no more than was read when it was made. */
  readonly captured: boolean;
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied (not root?)'],
  ['EPERM', 'permission denied (not root?)'],
  ['ELOOP', 'its links loop'],
  ['EIO', 'input/output error'],
  ['EINVAL', 'it is no regular file'],
  ['ENODATA', 'its content is not in the capture'],
]);

/** Something that is there and cannot be had, by the error's code. */
export class Refusal extends Error {
  readonly code: string;

  constructor(code: string) {
    super(REASONS.get(code) ?? code);
    this.code = code;
  }
}

/** The code of a failed system call; null for anything else. */
export function errorCode(error: unknown): string | null {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : null;
}

const ABSENT = new Set(['ENOENT', 'ENOTDIR']);

/** Runs a system call: null where the file is absent. */
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

function typeOf(told: Stats | Dirent): FileType {
  if (told.isFile()) return 'file';
  if (told.isDirectory()) return 'directory';
  return told.isSymbolicLink() ? 'symlink' : 'other';
}

/** A folder's listing where every file has to be looked at: a capture's, or one that is being made. */
export function listByStat(files: Pick<Files, 'readdir' | 'lstat'>, path: string): readonly ListedFile[] | null {
  const names = files.readdir(path);
  if (names === null) return null;
  return names.flatMap((name) => {
    const stat = files.lstat(path === '/' ? `/${name}` : `${path}/${name}`);
    return stat === null ? [] : [{ name, type: stat.type }];
  });
}

/** The files below a directory of this machine. */
export function diskFiles(root: string): Files {
  const top = root === '/' ? '' : root;
  const files: Files = {
    lstat: (path) =>
      unlessAbsent(() => {
        const stats = lstatSync(top + path, { throwIfNoEntry: false });
        if (stats === undefined) return null;
        return { type: typeOf(stats), size: stats.size, mtime: Math.floor(stats.mtimeMs / 1000) };
      }),
    readlink: (path) => unlessAbsent(() => readlinkSync(top + path)),
    readdir: (path) => unlessAbsent(() => readdirSync(`${top}${path}`).sort()),
    list: (path) =>
      unlessAbsent(() =>
        readdirSync(`${top}${path}`, { withFileTypes: true })
          .map((entry) => ({ name: entry.name, type: typeOf(entry) }))
          .sort((a, b) => (a.name < b.name ? -1 : 1)),
      ),
    read: (path, limit, offset) =>
      unlessAbsent(() => {
        // A FIFO or a device named as a file would block or have side effects: look before opening.
        if (!lstatSync(top + path).isFile()) throw new Refusal('EINVAL');
        return readUpTo(top + path, limit, offset);
      }),
    derived: () => undefined,
    keep: () => undefined,
    get plain() {
      return files;
    },
    captured: false,
  };
  return files;
}

/** procfs and sysfs give no size: reading goes on to the end of the file. */
function readUpTo(path: string, limit: number, offset: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const chunks: Buffer[] = [];
    let total = 0;
    while (total < limit) {
      const chunk = Buffer.allocUnsafe(Math.min(limit - total, Math.max(4096, size + 1 - offset - total)));
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
