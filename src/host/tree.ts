/** A host's file tree as its readers see it: everything below one root, links followed inside it, nothing outside. */
import { BellwetherError } from '../protocol/errors.ts';
import { capturedFiles } from './captured-files.ts';
import type { Shape } from './derived-shape.ts';
import { diskFiles, Refusal, type Derived, type FileStat, type Files, type ListedFile } from './files.ts';
import { followLinks } from './follow-links.ts';
import type { Unread } from './types.ts';

export { errorCode, type Derived, type FileStat } from './files.ts';

/**
 * Paths are absolute on the host. Absent is null (or an empty list); what is there and cannot be read is null too,
 * and is put on record as unread. Links are followed below the root as the host itself would follow them.
 */
export interface HostTree {
  readonly root: string;
  /** Of what the path leads to. */
  stat(path: string): FileStat | null;
  /** Names in a directory, sorted by code unit; empty where absent. */
  list(path: string): readonly string[];
  /** What a directory holds, each with what it is (links not followed), sorted by name. */
  entries(path: string): readonly (ListedFile & { readonly look: () => FileStat | null })[];
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
  /** A value that cannot be had from a captured tree: the capture's, where it has one of that shape, else computed here. */
  derive<T extends Derived>(key: string, shape: Shape<T>, compute: (tree: HostTree) => Promise<T>): Promise<T>;
  /** Whether this is a capture, which holds no more than was read when it was made. */
  readonly captured: boolean;
  /** The same tree, with what is refused put on record under this part of the facts. */
  noting(part: Unread['part'], kernel?: string): HostTree;
  /** Whether something at this path, or below it, is on record as unread. */
  refuses(path: string): boolean;
  /** Puts on record something that could not be read. */
  miss(what: string, reason: string): void;
}

const TEXT_LIMIT = 4 * 1024 * 1024;

/**
 * Opens the tree below `root`, a directory on this machine; one that holds a capture is read as the host that it is of.
 * What cannot be read goes to `unread`.
 * @throws BellwetherError `root_absent` where nothing below `root` can be looked at
 */
export function openTree(root: string, unread: Unread[], through?: (files: Files) => Files): HostTree {
  const disk = diskFiles(root);
  const files = root === '/' ? disk : openFiles(root, disk, unread);
  return treeOf(root, through === undefined ? files : through(files), unread);
}

function openFiles(root: string, disk: Files, unread: Unread[]): Files {
  try {
    return capturedFiles(disk, unread);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new BellwetherError('root_absent', `root "${root}" cannot be read: ${error.message}`, {
      at: { path: root },
      cause: error,
    });
  }
}

function treeOf(root: string, files: Files, unread: Unread[]): HostTree {
  const links = followLinks(files);
  const on = (path: string): string => (root === '/' ? path : root + path);

  function view(part: Unread['part'], kernel: string | undefined): HostTree {
    const miss = (what: string, reason: string): void => {
      const entry: Unread = { part, what, reason, ...(kernel === undefined ? {} : { kernel }) };
      if (!unread.some((other) => isSame(other, entry))) unread.push(entry);
    };
    /** Puts a refusal on record under the path that was asked for. */
    const attempt = <T>(path: string, fallback: T, call: () => T): T => {
      try {
        return call();
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        miss(path, error.message);
        return fallback;
      }
    };
    const onReal = <T>(path: string, fallback: T, call: (real: string) => T | null): T =>
      attempt(path, fallback, () => {
        const real = links.real(path);
        return (real === null ? null : call(real)) ?? fallback;
      });

    const tree: HostTree = {
      root,
      captured: files.captured,
      real: (path) => onReal<string | null>(path, null, (real) => real),
      outside: (path) => onReal<string | null>(path, null, on),
      stat: (path) => onReal<FileStat | null>(path, null, (real) => files.lstat(real)),
      list: (path) => onReal<readonly string[]>(path, [], (real) => files.readdir(real)),
      entries: (path) =>
        onReal<ReturnType<HostTree['entries']>>(path, [], (real) =>
          (files.list(real) ?? []).map(({ name, type }) => {
            const at = real === '/' ? `/${name}` : `${real}/${name}`;
            return { name, type, look: () => attempt(at, null, () => files.lstat(at)) };
          }),
        ),
      exists: (path) => attempt<boolean | null>(path, null, () => links.real(path) !== null),
      bytes: (path, limit = TEXT_LIMIT, offset = 0) =>
        onReal<Buffer | null>(path, null, (real) => files.read(real, limit, offset)),
      text: (path) => tree.bytes(path)?.toString('utf8') ?? null,
      link: (path) =>
        attempt(path, null, () => {
          const at = links.parent(path);
          return at !== null && files.lstat(at)?.type === 'symlink' ? files.readlink(at) : null;
        }),
      derive: async (key, shape, compute) => {
        const carried = files.derived(key);
        if (carried !== undefined && shape(carried)) return carried;
        const value = await compute(
          files.plain === files ? tree : treeOf(root, files.plain, unread).noting(part, kernel),
        );
        files.keep(key, value);
        return value;
      },
      noting: view,
      refuses: (path) => unread.some(({ what }) => what === path || what.startsWith(`${path}/`)),
      miss,
    };
    return tree;
  }

  return view('kernels', undefined);
}

function isSame(a: Unread, b: Unread): boolean {
  return a.part === b.part && a.kernel === b.kernel && a.what === b.what && a.reason === b.reason;
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

/** Whether a program of this name lies where programs lie. */
export function hasProgram(tree: HostTree, name: string): boolean {
  return ['/usr/bin', '/usr/sbin', '/bin', '/sbin'].some((at) => isFile(tree, `${at}/${name}`));
}
