import { basename, dirname, join } from 'node:path';

/**
 * Names beside an image. They start with a dot and keep its name in them: grub-mkconfig, systemd-boot, kernel-install
 * and the generators take none of them for an image, and a person sees which one they belong to.
 */
const PREFIX = '.bellwether-';
const BACKUP = '.bellwether-backup';
const LEFTOVER = /^\.bellwether-.+\.(?:new|old)$/;

/** Where the next image is built, until it is renamed over the one at `path`. */
export function buildPath(path: string): string {
  return join(dirname(path), `${PREFIX}${basename(path)}.new`);
}

/** Where a backup is made, until it is renamed to its own name. */
export function copyPath(path: string): string {
  return join(dirname(path), `${PREFIX}${basename(path)}.old`);
}

/** Where the old image is kept. */
export function backupPath(path: string): string {
  return `${path}${BACKUP}`;
}

/** The name of the image that is kept under this one; null for names of other files. */
export function backedUpName(name: string): string | null {
  return name.endsWith(BACKUP) && name !== BACKUP ? name.slice(0, -BACKUP.length) : null;
}

/** Whether a file of this name is what a run that was killed left behind. */
export function isLeftover(name: string): boolean {
  return LEFTOVER.test(name);
}
