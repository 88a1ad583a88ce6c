import { constants } from 'node:fs';
import { copyFile, rm, stat, utimes } from 'node:fs/promises';
import { keepAttributes } from './keep-attributes.ts';
import { sync } from './sync.ts';

/** A copy with all that the file has beside its bytes, on the disk when this resolves; nothing is left of one that failed. */
export async function copyWhole(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL);
    const { atime, mtime } = await stat(from);
    await keepAttributes(from, to);
    await utimes(to, atime, mtime);
    await sync(to);
  } catch (error) {
    await rm(to, { force: true });
    throw error;
  }
}
