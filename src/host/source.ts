/** Where a host's facts come from, told by what is there. */
import { below, parseMountinfo, type Mount } from './mountinfo.ts';
import { isDirectory, isFile, type HostTree } from './tree.ts';
import type { FactSource } from '../protocol/messages.ts';

export interface FactOrigin {
  readonly source: FactSource;
  /** Mounts as the host sees them; null where nothing tells (offline). */
  readonly mounts: readonly Mount[] | null;
  /** The tree whose `/sys`, `/proc` and `/run/udev` describe the host's devices; null offline. */
  readonly devices: HostTree | null;
}

/** `self` is a link in procfs; a copy may hold the folder of process 1 in its place. */
function ownMounts(tree: HostTree): Mount[] | null {
  for (const path of ['/proc/self/mountinfo', '/proc/1/mountinfo']) {
    const text = isFile(tree, path) ? tree.text(path) : null;
    if (text !== null) return parseMountinfo(text);
  }
  return null;
}

/**
 * @param tree the host's
 * @param machine that of the system that reads, rooted at `/`
 * @param root the host's root as `machine` names it, links resolved
 */
export function tellOrigin(tree: HostTree, machine: HostTree, root: string): FactOrigin {
  if (root === '/') return { source: 'live', mounts: ownMounts(tree), devices: tree };
  const running = ownMounts(machine);
  const mounted = running?.some(({ mountPoint }) => mountPoint === root) ?? false;
  // Plain files in the place of proc and sys were copied there; what is mounted on them is the running system's own.
  const live = running?.some(({ mountPoint }) => mountPoint === `${root}/proc`) ?? false;
  if (!live && isDirectory(tree, '/sys')) {
    const mounts = ownMounts(tree);
    if (mounts !== null) return { source: 'captured', mounts, devices: tree };
  }
  if (mounted && running !== null) return { source: 'mounted', mounts: below(running, root), devices: machine };
  return { source: 'offline', mounts: null, devices: null };
}
