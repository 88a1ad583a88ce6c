import { link, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BellwetherError } from '../protocol/errors.ts';
import { shellWord } from '../protocol/shell-words.ts';
import { errorCode } from './error-code.ts';
import { copyWhole } from './images/copy-whole.ts';
import { sync } from './images/sync.ts';
import { roomAt } from './room-at.ts';

const KEPT = /^\.bellwether-(?<name>.+)\.kept$/;

/** Where a file is kept while the scripts of packages are at work: beside it, under a name that no loader and no generator reads. */
export function keptPath(path: string): string {
  return join(dirname(path), `.bellwether-${basename(path)}.kept`);
}

/** The name of the file that is kept under this one; null for names of other files. */
export function keptName(name: string): string | null {
  return KEPT.exec(name)?.groups?.name ?? null;
}

/**
 * Keeps a file under that name as well. A copy, since a generator may write into the very file (dracut does); where there
 * is no room for one a hard link, which outlives that it is removed.
 * @param reserve bytes that are to stay free beside a copy
 * @returns whether it is kept: false where there is neither room for a copy nor are there links
 * @throws BellwetherError `not_permitted`, `command_failed` where what was kept before cannot be replaced; else the error of the system
 *   call that failed
 */
export async function keepFile(path: string, reserve: number): Promise<boolean> {
  const kept = keptPath(path);
  // Not before it is whole does it get its name: what a killed run leaves of it is cleared as any other leftover.
  const part = `${kept}.new`;
  await rm(part, { force: true });
  const { size } = await stat(path);
  const { free } = await roomAt(dirname(path));
  if (free >= size + reserve) await copyWhole(path, part);
  else if (!(await linkTo(path, part))) {
    if (free < size) return false;
    await copyWhole(path, part);
  }
  await replaceKept(part, kept);
  await sync(dirname(path));
  return true;
}

/** What was kept before stays where it cannot be replaced. */
async function replaceKept(part: string, kept: string): Promise<void> {
  try {
    await rename(part, kept);
  } catch (error) {
    await rm(part, { force: true });
    throw notReplaced(kept, error);
  }
}

function notReplaced(kept: string, error: unknown): unknown {
  const errno = errorCode(error);
  if (errno === null) return error;
  const refused = errno === 'EPERM' || errno === 'EACCES';
  return new BellwetherError(
    refused ? 'not_permitted' : 'command_failed',
    `${kept}, which an earlier run left behind, cannot be replaced: ${String(error)}`,
    { hint: cureFor(errno, shellWord(kept)), at: { path: kept, errno }, cause: error },
  );
}

/** What keeps a name from being taken: rename(2). Nobody is told to remove what may be worth something. */
function cureFor(errno: string, kept: string): string {
  const away = `move ${kept} elsewhere`;
  switch (errno) {
    case 'EBUSY':
      return `it is a mount point: umount ${kept}, then ${away}`;
    case 'EISDIR':
      return `it is a folder: ${away}`;
    case 'EPERM':
      return `if lsattr shows that it is immutable: chattr -i ${kept}, then ${away}`;
    default:
      return away;
  }
}

/** Puts a kept file back in its place, by one rename. */
export async function putBack(path: string): Promise<void> {
  await rename(keptPath(path), path);
  await sync(dirname(path));
}

/** Takes a kept file away. */
export async function dropKept(path: string): Promise<void> {
  await rm(keptPath(path), { force: true });
}

/** Any refusal will do: FAT has no links, and other file systems not always another one. */
async function linkTo(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === null) throw error;
    return false;
  }
}
