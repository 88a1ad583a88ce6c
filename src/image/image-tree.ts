import type { Inode } from './rootfs.ts';
import type { Entry, ImageTree, Resolution } from './types.ts';

const MAX_LINKS = 40;

/** Texts kept of all files together, in bytes. */
const MAX_TEXT = 8 << 20;

/** Every name below the root with its inode, sorted by path. */
export function listInodes(root: Inode): [path: string, inode: Inode][] {
  const found: [string, Inode][] = [];
  const open: [string, Inode][] = [['', root]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [above, directory] = next;
    for (const [name, inode] of directory.children ?? []) {
      const path = above === '' ? name : `${above}/${name}`;
      found.push([path, inode]);
      if (inode.children !== undefined) open.push([path, inode]);
    }
  }
  return found.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The unpacked image as checks ask of it. */
export function createImageTree(inodes: readonly (readonly [path: string, inode: Inode])[]): ImageTree {
  const firstNames = new Map<Inode, string>();
  const entries = new Map<string, Entry>();
  for (const [path, inode] of inodes) {
    const first = firstNames.get(inode);
    if (first === undefined) firstNames.set(inode, path);
    entries.set(path, toEntry(path, inode, first));
  }
  const texts = new Map<string, Uint8Array>();
  let room = MAX_TEXT;
  for (const [path, { facts }] of inodes) {
    if (facts.bytes === undefined || isIndex(path) || facts.bytes.length > room) continue;
    room -= facts.bytes.length;
    texts.set(path, facts.bytes);
  }
  const known = new Map<string, Resolution>();
  const resolve = (path: string): Resolution => {
    let found = known.get(path);
    if (found === undefined) known.set(path, (found = resolveNew(entries, path)));
    return found;
  };
  return {
    entries,
    resolve,
    text(path) {
      const found = resolve(path);
      const bytes = found.found ? texts.get(found.entry.path) : undefined;
      return bytes === undefined ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
    },
  };
}

const isIndex = (path: string): boolean => /(?:^|\/)lib\/modules\//.test(path);

function toEntry(path: string, inode: Inode, sameAs: string | undefined): Entry {
  const { interpreter, elf } = inode.facts;
  return {
    path,
    type: inode.type,
    mode: inode.mode,
    size: inode.size,
    mtime: inode.mtime,
    segment: inode.segment,
    ...(inode.target === undefined ? {} : { target: inode.target }),
    ...(interpreter === undefined ? {} : { interpreter }),
    ...(elf === undefined ? {} : { elf }),
    ...(sameAs === undefined ? {} : { sameAs }),
  };
}

/** The root itself, which no archive needs to hold. */
const ROOT: Entry = { path: '', type: 'directory', mode: 0o040755, size: 0, mtime: 0, segment: 0 };

/** A name that stands in the tree as it is asked for has folders alone above it: nothing is to be followed. */
function resolveNew(entries: ReadonlyMap<string, Entry>, path: string): Resolution {
  const entry = entries.get(path.startsWith('/') ? path.slice(1) : path);
  return entry !== undefined && entry.target === undefined ? { found: true, entry } : resolvePath(entries, path);
}

/** Follows a path through every symlink, the last one too, as the kernel does. */
function resolvePath(entries: ReadonlyMap<string, Entry>, path: string): Resolution {
  const via: string[] = [];
  const todo = split(path).reverse();
  const above: Entry[] = [];
  let here = ROOT;
  for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
    if (here.type !== 'directory') return { found: false, missing: here.path, reason: 'not_directory', via };
    if (part === '..') {
      here = above.pop() ?? ROOT;
      continue;
    }
    const child = here.path === '' ? part : `${here.path}/${part}`;
    const entry = entries.get(child);
    if (entry === undefined) return { found: false, missing: child, reason: 'absent', via };
    if (entry.target === undefined) {
      above.push(here);
      here = entry;
      continue;
    }
    via.push(child);
    if (via.length > MAX_LINKS) return { found: false, missing: child, reason: 'loop', via };
    if (entry.target.startsWith('/')) {
      above.length = 0;
      here = ROOT;
    }
    todo.push(...split(entry.target).reverse());
  }
  return { found: true, entry: here };
}

const split = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');
