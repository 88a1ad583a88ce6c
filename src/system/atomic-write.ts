import { chmod, chown, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BellwetherError } from '../protocol/errors.ts';
import { errorCode } from './error-code.ts';
import { sync } from './images/sync.ts';

/**
 * Puts a text in the place of a file: whoever reads it, and whatever happens, sees the whole old text or the whole new
 * one. Mode and owner stay as they are.
 * @param path on this machine, links followed
 * @throws BellwetherError `not_permitted` where it cannot be written
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  // A fixed name: what a killed run left is written over by the next.
  const beside = join(dirname(path), `.${basename(path)}.bellwether-new`);
  try {
    await rm(beside, { force: true });
    const file = await open(beside, 'wx', 0o644);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await keepAttributes(path, beside);
    await rename(beside, path);
    await sync(dirname(path));
  } catch (error) {
    if (errorCode(error) === null) throw error;
    await rm(beside, { force: true });
    throw notWritable(path, error);
  }
}

/** What a system call refused where a file was to be written; any other error as it is. */
export function notWritable(path: string, error: unknown): unknown {
  const code = errorCode(error);
  if (code === null) return error;
  return new BellwetherError('not_permitted', `${path} cannot be written: ${String(error)}`, {
    hint: code === 'EROFS' ? 'mount it writable' : code === 'ENOSPC' ? 'make room there' : 'run it as root',
    at: { path },
    cause: error,
  });
}

/** Only what differs: vfat, as EFI partitions are, has neither owners nor modes to set. */
async function keepAttributes(path: string, beside: string): Promise<void> {
  const now = await stat(beside);
  const old = await stat(path).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return now;
    throw error;
  });
  if (now.uid !== old.uid || now.gid !== old.gid) await chown(beside, old.uid, old.gid);
  if ((now.mode & 0o7777) !== (old.mode & 0o7777)) await chmod(beside, old.mode & 0o7777);
}
