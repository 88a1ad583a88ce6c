/** The EFI partition, as firmware sees it: FAT, which takes no notice of upper and lower case. */
import type { HostTree } from '../tree.ts';
import type { BootFileSystem, BootFileSystems } from './boot-paths.ts';

/** Where it is mounted, the likeliest first: beside /efi, /boot may be the extended boot partition. */
const PLACES = ['/boot/efi', '/efi', '/boot'] as const;

/** Null where no FAT file system is known to be mounted at one of its places, or it cannot be looked into. */
export function findEsp(tree: HostTree, systems: BootFileSystems): BootFileSystem | null {
  for (const place of PLACES) {
    const system = systems.all.find(({ mountPoint }) => mountPoint === place);
    if (system?.mounted !== true || system.type !== 'vfat') continue;
    if (tree.exists(`${place}/EFI`) !== null) return system;
  }
  return null;
}

/** The file of the partition by a path from its top; its path on the host, or null where it is not there. */
export function findOnEsp(tree: HostTree, mountPoint: string, path: string): string | null {
  let at = mountPoint;
  for (const part of path.split('/').filter((name) => name !== '')) {
    const name = sameName(tree.list(at), part);
    if (name === undefined) return null;
    at = `${at}/${name}`;
  }
  return at;
}

function sameName(names: readonly string[], wanted: string): string | undefined {
  if (names.includes(wanted)) return wanted;
  const lower = wanted.toLowerCase();
  return names.find((name) => name.toLowerCase() === lower);
}
