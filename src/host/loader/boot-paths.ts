/** From a path as a boot loader reads it to a path on the host. */
import type { HostTree } from '../tree.ts';
import type { LoaderPath } from '../types.ts';

/** A file system that a loader may read, where the host mounts it. */
export interface BootFileSystem {
  readonly mountPoint: string;
  /** `UUID=…`, `LABEL=…`, as far as known. */
  readonly names: readonly string[];
  /** Of what is mounted, as the kernel names it; null where nothing is, or that is not known. */
  readonly type: string | null;
  /** What a loader that reads the file system from its top puts before a path: a btrfs subvolume, else empty. */
  readonly subvolume: string;
  /** Null: not known. */
  readonly mounted: boolean | null;
}

export interface BootFileSystems {
  readonly all: readonly BootFileSystem[];
  /** Whether nothing says which mount points there are: then both places that a path may mean are looked at. */
  readonly guessed: boolean;
}

/** The file system that holds a path on the host. */
export function fileSystemOf(path: string, systems: BootFileSystems): BootFileSystem {
  const holding = systems.all
    .filter(({ mountPoint }) => mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`))
    .sort((a, b) => b.mountPoint.length - a.mountPoint.length);
  return holding[0] ?? { mountPoint: '/', names: [], type: null, subvolume: '', mounted: null };
}

/**
 * The file system that a device as GRUB writes it means: `UUID=…` and `LABEL=…` by name (of several subvolumes of one, that
 * which the path begins with), anything else (`hd0,gpt2`, nothing) is the one that holds `/boot`, where GRUB looks by itself.
 * Null: one that is none of the host's.
 */
function grubDevice(device: string, written: string, systems: BootFileSystems): BootFileSystem | null {
  if (/^(?:UUID|LABEL)=/.test(device)) {
    const named = systems.all.filter(({ names }) => names.some((name) => name.toLowerCase() === device.toLowerCase()));
    const begun = named.find(({ subvolume }) => subvolume !== '' && written.startsWith(`${subvolume}/`));
    const found = begun ?? named[0];
    if (found !== undefined) return found;
    const boot = fileSystemOf('/boot', systems);
    const kind = device.slice(0, device.indexOf('=') + 1);
    if (boot.names.some((name) => name.startsWith(kind))) return null;
  }
  return fileSystemOf('/boot', systems);
}

/** Resolves a path of GRUB's: `(device)/path`, or `/path` on `root`. */
export function resolveGrubPath(tree: HostTree, raw: string, root: string, systems: BootFileSystems): LoaderPath {
  const match = /^\(([^)]*)\)(.*)$/.exec(raw);
  const written = match?.[2] ?? raw;
  const system = grubDevice(match?.[1] ?? root, written, systems);
  return system === null ? { raw, path: null, exists: null } : resolveOn(tree, raw, written, system, systems);
}

/** Resolves a path that is relative to the top of the file system mounted at a mount point of the host. */
export function resolveBootPath(tree: HostTree, raw: string, near: string, systems: BootFileSystems): LoaderPath {
  return resolveOn(tree, raw, raw, fileSystemOf(near, systems), systems);
}

function resolveOn(
  tree: HostTree,
  raw: string,
  written: string,
  system: BootFileSystem,
  systems: BootFileSystems,
): LoaderPath {
  if (written.includes('$') || written === '') return { raw, path: null, exists: null };
  const inside = withoutSubvolume(`/${written.replaceAll('\\', '/')}`.replace(/\/+/g, '/'), system.subvolume);
  const path = system.mountPoint === '/' ? inside : `${system.mountPoint}${inside}`;
  // What lies below an unmounted mount point is not what the loader reads.
  if (system.mounted === false) return { raw, path, exists: null };
  // And what lies below a mounted one is not what is seen there.
  const seen = fileSystemOf(path, systems);
  if (seen.mountPoint !== system.mountPoint && seen.mounted !== false) return { raw, path: null, exists: null };
  const exists = tree.exists(path);
  if (exists === false && systems.guessed && system.mountPoint === '/' && !inside.startsWith('/boot/')) {
    const elsewhere = `/boot${inside}`;
    if (tree.exists(elsewhere) === true) return { raw, path: elsewhere, exists: true };
  }
  return { raw, path, exists };
}

/** GRUB reads btrfs from its top and ZFS as `/dataset@/path`; a default subvolume may go unsaid. */
function withoutSubvolume(path: string, subvolume: string): string {
  const dataset = /^\/[^@]*@(\/.*)$/.exec(path);
  if (subvolume !== '' && path.startsWith(`${subvolume}/`)) return path.slice(subvolume.length);
  return dataset?.[1] !== undefined && !path.startsWith('/@') ? dataset[1] : path;
}
