/** Whether the root file system can take over from the image. */
import { boolean, nullable, object } from './derived-shape.ts';
import { isDirectory, isFile, type HostTree } from './tree.ts';
import type { HostFiles } from './types.ts';

/** In the order that the kernel and switch_root try them. */
const INITS = ['/sbin/init', '/etc/init', '/bin/init', '/bin/sh'];
const MOUNT_POINTS = object({ dev: boolean, proc: boolean, sys: boolean, run: boolean });

/** @param wanted what `init=` names on any command line */
export async function readRootLayout(tree: HostTree, wanted: readonly string[]): Promise<HostFiles['rootLayout']> {
  if (tree.list('/').length === 0) return null;
  // A captured tree has folders of these names whatever the host has.
  const mountPoints = await tree.derive('mount points', MOUNT_POINTS, (plain) => {
    const has = (name: string): boolean => isDirectory(plain, `/${name}`);
    return Promise.resolve({ dev: has('dev'), proc: has('proc'), sys: has('sys'), run: has('run') });
  });
  const inits = new Map<string, boolean | null>();
  for (const path of wanted) inits.set(path, await isThere(tree, path));
  return {
    inits,
    fallback: INITS.find((path) => isFile(tree, path)) ?? null,
    mountPoints: new Map([
      ['dev', mountPoints.dev],
      ['proc', mountPoints.proc],
      ['sys', mountPoints.sys],
      ['run', mountPoints.run],
    ]),
  };
}

/** Null in a capture that was made without asking for this one. */
function isThere(tree: HostTree, path: string): Promise<boolean | null> {
  return tree.derive(`init:${path}`, nullable(boolean), (plain) =>
    Promise.resolve(isFile(plain, path) || (plain.captured ? null : false)),
  );
}
