import { link, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { roomAt } from '../room-at.ts';
import { errorCode } from '../error-code.ts';
import { copyWhole } from './copy-whole.ts';
import { backupPath, copyPath } from './names.ts';
import { sync } from './sync.ts';

/** What link(2) says where the file system has no hard links (FAT: EPERM), or no more of them for this file. */
const NO_LINKS: ReadonlySet<string | null> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV']);

/**
 * Keeps the image at `path` under its backup name as well, in place of an earlier backup: by a hard link, which takes no
 * room; by a copy where the file system has no links and has the room. The image itself is not touched.
 * @returns why it could not be kept, in words; null where it is
 */
export async function keepBackup(path: string): Promise<string | null> {
  const backup = backupPath(path);
  if (await isSameFile(path, backup)) return null;
  const made = copyPath(path);
  await rm(made, { force: true });
  try {
    await link(path, made);
  } catch (error) {
    if (!NO_LINKS.has(errorCode(error))) throw error;
    const { size } = await stat(path);
    const { free } = await roomAt(dirname(path));
    if (free < size) return `there are no hard links there, and no room for a copy (${free} of ${size} bytes)`;
    await copyWhole(path, made);
  }
  await rename(made, backup);
  await sync(dirname(path));
  return null;
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  try {
    const [one, other] = [await stat(a), await stat(b)];
    return one.dev === other.dev && one.ino === other.ino;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
