import { listByStat, Refusal, type Derived, type FileStat, type Files } from '../files.ts';

/** Everything that was read of a tree, by real path. */
export interface FileRecord {
  readonly stats: Map<string, FileStat>;
  readonly links: Map<string, string>;
  readonly lists: Map<string, readonly string[]>;
  readonly contents: Map<string, Buffer>;
  readonly refused: Map<string, string>;
  readonly derived: Map<string, Derived>;
}

export function emptyRecord(): FileRecord {
  return {
    stats: new Map(),
    links: new Map(),
    lists: new Map(),
    contents: new Map(),
    refused: new Map(),
    derived: new Map(),
  };
}

/** The same files, with everything that is read taken down: what a capture holds is what reading the host needs. */
export function recordFiles(files: Files, record: FileRecord): Files {
  const noting = <T>(path: string, call: () => T): T => {
    try {
      return call();
    } catch (error) {
      if (error instanceof Refusal) record.refused.set(path, error.code);
      throw error;
    }
  };
  const recorded: Files = {
    captured: files.captured,
    plain: files.plain,
    lstat: (path) => {
      const stat = noting(path, () => files.lstat(path));
      if (stat !== null) record.stats.set(path, stat);
      return stat;
    },
    readlink: (path) => {
      const target = noting(path, () => files.readlink(path));
      if (target !== null) record.links.set(path, target);
      return target;
    },
    readdir: (path) => {
      const names = noting(path, () => files.readdir(path));
      if (names !== null) record.lists.set(path, names);
      return names;
    },
    // What the capture is to list, it has to hold.
    list: (path) => listByStat(recorded, path),
    read: (path, limit, offset) => {
      const bytes = noting(path, () => files.read(path, limit, offset));
      const before = record.contents.get(path);
      if (bytes !== null && offset === 0 && bytes.length >= (before?.length ?? 0)) record.contents.set(path, bytes);
      return bytes;
    },
    derived: (key) => {
      const value = files.derived(key);
      if (value !== undefined) record.derived.set(key, value);
      return value;
    },
    keep: (key, value) => {
      record.derived.set(key, value);
    },
  };
  return recorded;
}
