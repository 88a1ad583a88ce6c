/** Whether the root file system can take over from the image. */
import { isDirectory, isFile, type HostTree } from './tree.ts';
import type { HostFiles } from './types.ts';

/** In the order that the kernel and switch_root try them. */
const INITS = ['/sbin/init', '/etc/init', '/bin/init', '/bin/sh'];
const MOUNT_POINTS = ['dev', 'proc', 'sys', 'run'] as const;

/** @param wanted the value of `init=` on the command line: nothing else is tried where it is given */
export function readRootLayout(tree: HostTree, wanted: string | null): HostFiles['rootLayout'] {
  if (tree.list('/').length === 0) return null;
  const candidates = wanted === null ? INITS : [wanted];
  return {
    init: candidates.find((path) => isFile(tree, path)) ?? null,
    mountPoints: new Map(MOUNT_POINTS.map((name) => [name, isDirectory(tree, `/${name}`)])),
  };
}
