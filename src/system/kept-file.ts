import { link, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
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
 * @throws the error of the system call that failed
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
  await rename(part, kept);
  await sync(dirname(path));
  return true;
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
