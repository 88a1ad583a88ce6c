import { lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const NAME = 'bellwether.lock';
/** By order of preference. The second is where a root has no `/run`. */
const FOLDERS = [['run'], ['var', 'lock']] as const;

/**
 * Where the lock of the host at `root` lies: below the root's own `/run`, so that all who mend one disk meet there.
 * No link is followed: those of another root would lead to this machine's.
 */
export function lockPath(root: string): string {
  for (const steps of FOLDERS) {
    const folders = steps.map((_, index) => join(root, ...steps.slice(0, index + 1)));
    if (folders.every(isFolder)) return join(root, ...steps, NAME);
  }
  mkdirSync(join(root, 'run'), { mode: 0o755 });
  return join(root, 'run', NAME);
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
