import type { ImageTree } from '../../image/types.ts';
import { isExecutable } from './programs.ts';
import { readScript, withoutNuls } from './scripts/shell-script.ts';

/** Folders whose scripts initramfs-tools runs before it looks for the root file system, and while it waits for that. */
const FOLDERS = ['init-top', 'init-premount', 'local-top', 'local-block', 'local-premount'] as const;

/**
 * Whether initramfs-tools runs a script of this name: the folder's ORDER calls it, it may be executed, and it is whole. What
 * cannot be understood of it is taken for whole.
 */
export function runsOrdered(
  tree: ImageTree,
  name: string,
  folders: readonly (typeof FOLDERS)[number][] = FOLDERS,
): boolean {
  return folders.some((folder) => {
    const path = `scripts/${folder}/${name}`;
    const at = tree.resolve(path);
    if (!at.found || !isExecutable(at.entry)) return false;
    const order = tree.text(`scripts/${folder}/ORDER`);
    const text = tree.text(path);
    return order?.includes(`/${path}`) !== false && (text === null || isWhole(text));
  });
}

/** Whether a script has something in it, and does not end in the middle of a command. */
export function isWhole(text: string): boolean {
  const plain = withoutNuls(text);
  return plain.trim() !== '' && readScript(plain)?.cutOff !== true;
}
