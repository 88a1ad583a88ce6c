import { rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../error-code.ts';
import { keepAttributes } from './keep-attributes.ts';
import { keepBackup } from './keep-backup.ts';
import { backupPath, buildPath } from './names.ts';
import { sync } from './sync.ts';

/**
 * What becomes of the old image: `renew`: it is the backup from now on · `leave`: an earlier backup is worth more, and
 * stays · `remove`: there is none after this.
 */
export type BackupRule = 'renew' | 'leave' | 'remove';

/**
 * Puts the image that was built beside `path` (at `buildPath(path)`) in its place, with mode, owner, label and extended
 * attributes of the old one. Whenever this is cut short, `path` is the whole old image or the whole new one: the new one
 * is on the disk before a single rename puts it there.
 * @returns why the old image could not be kept, in words; null where it is kept or need not be
 * @throws the error of the system call that failed
 */
export async function replaceImage(path: string, rule: BackupRule): Promise<string | null> {
  const built = buildPath(path);
  const replaces = await exists(path);
  if (replaces) await keepAttributes(path, built);
  await sync(built);
  const notKept = replaces && rule === 'renew' ? await keepBackup(path) : null;
  await rename(built, path);
  if (rule === 'remove') await rm(backupPath(path), { force: true });
  await sync(dirname(path));
  return notKept;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
