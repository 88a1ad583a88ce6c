import type { CpioHeader } from './cpio-header.ts';
import { TYPE_BITS, typeOfMode } from './file-mode.ts';
import type { FileFacts } from './file-facts.ts';
import type { EntryType } from './types.ts';

/** A file of the root file system that the kernel unpacks into; names that are hard links share one. */
export interface Inode {
  readonly type: EntryType;
  mode: number;
  size: number;
  mtime: number;
  /** Index of the segment that wrote it last. */
  segment: number;
  readonly target?: string;
  /** Directories alone. */
  readonly children?: Map<string, Inode>;
  facts: FileFacts;
}

/** A directory as a place to put something: itself, and its path. */
export interface Place {
  readonly directory: Inode;
  /** Of the directory, empty for the root. */
  readonly path: string;
  readonly name: string;
}

/** Why the kernel's call fails: said in its words. */
export type Refusal = string;

/** What unpacking does to the root file system (init/initramfs.c). Nothing here makes a missing parent: nor does the kernel. */
export interface Rootfs {
  readonly root: Inode;
  /** The inode that a file's content goes to, or why there is none. `place` is where it lies. */
  openFile(header: CpioHeader, name: string, segment: number): { inode: Inode; place: Place } | Refusal;
  makeSymlink(header: CpioHeader, name: string, target: string, segment: number): Refusal | null;
  makeNode(header: CpioHeader, name: string, segment: number): Refusal | null;
  /** At a trailer: what follows begins a new archive, with inode numbers of its own. */
  forgetLinks(): void;
}

const NAME_MAX = 255;
const MAX_LINKS = 40;

export function createRootfs(): Rootfs {
  const root = makeInode('directory', { mode: 0o040755, mtime: 0, size: 0 }, 0);
  const links = new Map<string, string>();

  const locate = (name: string): Place | Refusal => locatePlace(root, name);

  /** Removes what stands in the way, as the kernel's clean_path does: only where its type differs. */
  const clear = (place: Place, mode: number): void => {
    const old = place.directory.children?.get(place.name);
    if (old === undefined || ((old.mode ^ mode) & TYPE_BITS) === 0) return;
    if (old.type === 'directory' && old.children !== undefined && old.children.size > 0) return;
    place.directory.children?.delete(place.name);
  };

  /** A second name for a file that came before: the one already there, or null at its first. */
  const earlierName = (header: CpioHeader, name: string): string | null => {
    if (header.nlink < 2) return null;
    const key = `${header.major}:${header.minor}:${header.ino}:${header.mode & TYPE_BITS}`;
    const earlier = links.get(key);
    if (earlier !== undefined) return earlier;
    links.set(key, name);
    return null;
  };

  const link = (earlier: string, place: Place): Refusal | null => {
    clear(place, 0);
    const from = locate(earlier);
    const inode = typeof from === 'string' ? undefined : from.directory.children?.get(from.name);
    if (inode === undefined) return `it is a hard link to ${earlier}, which is not there`;
    if (place.directory.children?.has(place.name)) return 'a directory that is not empty is in its place';
    place.directory.children?.set(place.name, inode);
    return null;
  };

  return {
    root,
    openFile(header, name, segment) {
      const place = locate(name);
      if (typeof place === 'string') return place;
      clear(place, header.mode);
      const earlier = earlierName(header, name);
      if (earlier !== null) {
        const refusal = link(earlier, place);
        if (refusal !== null) return refusal;
      }
      const siblings = place.directory.children;
      let inode = siblings?.get(place.name);
      if (inode === undefined) {
        inode = makeInode('file', { ...header, size: 0 }, segment);
        siblings?.set(place.name, inode);
      } else if (inode.type !== 'file') return 'a directory that is not empty is in its place';
      inode.mode = header.mode;
      inode.mtime = header.mtime;
      // Without O_TRUNC the later name of a link that brings no content leaves the content alone.
      if (earlier === null || header.size > 0) {
        inode.size = header.size;
        inode.segment = segment;
        inode.facts = {};
      }
      return { inode, place };
    },
    makeSymlink(header, name, target, segment) {
      const place = locate(name);
      if (typeof place === 'string') return place;
      if (target === '') return 'a symlink to nothing';
      clear(place, 0);
      if (place.directory.children?.has(place.name)) return 'a directory that is not empty is in its place';
      const size = Buffer.byteLength(target);
      place.directory.children?.set(place.name, makeInode('symlink', { ...header, size }, segment, target));
      return null;
    },
    makeNode(header, name, segment) {
      const type = typeOfMode(header.mode);
      if (type === null) return 'its mode names no type';
      if (isRoot(name)) return null; // mkdir says that it exists; its mode changes nothing here
      const place = locate(name);
      if (typeof place === 'string') return place;
      clear(place, header.mode);
      const siblings = place.directory.children;
      if (type !== 'directory') {
        const earlier = earlierName(header, name);
        if (earlier !== null) return link(earlier, place);
      }
      const old = siblings?.get(place.name);
      if (old === undefined) {
        siblings?.set(place.name, makeInode(type, { ...header, size: 0 }, segment));
        return null;
      }
      if (old.type === 'directory' && type !== 'directory') return 'a directory that is not empty is in its place';
      old.mode = header.mode;
      old.mtime = header.mtime;
      return null;
    },
    forgetLinks() {
      links.clear();
    },
  };
}

function makeInode(
  type: EntryType,
  from: { readonly mode: number; readonly mtime: number; readonly size: number },
  segment: number,
  target?: string,
): Inode {
  return {
    type,
    mode: from.mode,
    size: from.size,
    mtime: from.mtime,
    segment,
    facts: {},
    ...(target === undefined ? {} : { target }),
    ...(type === 'directory' ? { children: new Map<string, Inode>() } : {}),
  };
}

/** `.`, `/`, `./`…: mkdir finds it there. */
const isRoot = (name: string): boolean => /^(?:\.{0,2}\/)*\.{0,2}$/.test(name) && name !== '';

/** Where a name leads, all but its last part followed through symlinks. */
function locatePlace(root: Inode, name: string): Place | Refusal {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  const last = parts.pop();
  if (last === undefined) return name === '' ? 'its name is empty' : 'its name is that of the root';
  if (last === '..') return 'its name ends in ..';
  if (Buffer.byteLength(last) > NAME_MAX) return `its name has more than ${NAME_MAX} bytes`;

  const above: { readonly directory: Inode; readonly path: string }[] = [];
  let here = { directory: root, path: '' };
  let followed = 0;
  const todo = parts.reverse();
  for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
    if (part === '..') {
      here = above.pop() ?? here;
      continue;
    }
    const child = here.directory.children?.get(part);
    const path = here.path === '' ? part : `${here.path}/${part}`;
    if (child === undefined) return `its parent ${path} is absent`;
    if (child.target !== undefined) {
      if (++followed > MAX_LINKS) return `its parent ${path} is a symlink that loops`;
      if (child.target.startsWith('/')) {
        above.length = 0;
        here = { directory: root, path: '' };
      }
      const inserted = child.target.split('/').filter((step) => step !== '' && step !== '.');
      for (let i = inserted.length - 1; i >= 0; i--) {
        const step = inserted[i];
        if (step !== undefined) todo.push(step);
      }
      continue;
    }
    if (child.children === undefined) return `its parent ${path} is no directory`;
    above.push(here);
    here = { directory: child, path };
  }
  return { directory: here.directory, path: here.path, name: last };
}
