/** What is kept while the scripts of packages are at work: they remove, and write anew, what kernels boot from. */
import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { defaultEntryOf } from '../../host/loader/default-entry.ts';
import { openTree } from '../../host/tree.ts';
import type { LoaderEntry } from '../../host/types.ts';
import type { Change } from '../../protocol/messages.ts';
import { errorCode } from '../../system/error-code.ts';
import type { Site } from '../mending/with-site.ts';
import { bootFiles, type BootFile } from './boot-files.ts';
import { refuseForeignCommandLine } from './refuse-foreign-command-line.ts';

/** A file as it lies. */
export interface PlacedFile extends BootFile {
  /** As this machine names it, links followed. It need not be there. */
  readonly outside: string;
  /** Null where it is not there. */
  readonly found: Found | null;
}

interface Found {
  readonly inode: number;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly mtime: number;
}

export interface Keeping {
  readonly files: readonly PlacedFile[];
  /** Kernels whose own packages' scripts run: their files are not merely in reach, they are written anew. */
  readonly rewritten: readonly string[];
  /** What boots next; null where nothing says. */
  readonly next: LoaderEntry | null;
  /** One for each of those that has such files. */
  readonly changes: readonly Change[];
}

/**
 * What is to be kept: the files of these kernels and of what boots next, all entries, and which of them that is. Changes nothing.
 * @param rewritten kernels whose packages are installed or reinstalled
 * @param by the names of these packages
 * @param ofKernels whether packages of kernels are among those that are installed: their scripts write boot entries
 * @throws BellwetherError `not_supported` where they would write them for another system
 */
export async function planKeeping(
  site: Site,
  rewritten: readonly string[],
  by: readonly string[],
  ofKernels: boolean,
): Promise<Keeping> {
  const loader = await site.loader();
  if (ofKernels) refuseForeignCommandLine(site.root, loader);
  const next = defaultEntryOf(loader);
  const kernels = [...rewritten, next?.kernel ?? null];
  const all = bootFiles(
    loader,
    loader.entries.flatMap(({ kernel }) => kernel ?? []),
  );
  const files = all
    .filter(({ kind, kernel }) => kind === 'entry' || kernels.includes(kernel))
    .flatMap((file) => place(site, file));
  return {
    files,
    rewritten,
    next,
    changes: rewritten.flatMap((kernel) => rewriteChange(kernel, files, by)),
  };
}

/** Which of the planned changes have come about: files that are not any more what they were. */
export function rewrittenSince({ files, changes }: Keeping): readonly Change[] {
  return changes.filter(({ what }) =>
    files.some(({ kernel, outside, found }) => what === nameOf(kernel) && !isSame(found, look(outside))),
  );
}

/** In words, for the step that does it; empty where no kernel's own packages are among them. */
export function keepingNote({ changes }: Keeping): string {
  const names = changes.map(({ what, before }) => `${what} (${String(before)})`).join(', ');
  return names === ''
    ? ''
    : `; the scripts of these packages write anew ${names}: kept until then, and put back where they are gone or worse`;
}

function rewriteChange(kernel: string, files: readonly PlacedFile[], by: readonly string[]): readonly Change[] {
  const own = files.filter((file) => file.kernel === kernel && file.found !== null);
  if (own.length === 0) return [];
  return [
    {
      what: nameOf(kernel),
      before: own.map(({ path }) => path).join(', '),
      after: `as the scripts of ${by.join(', ')} write them; what is gone or worse then, as before`,
    },
  ];
}

function nameOf(kernel: string): string {
  return `the boot files of ${kernel}`;
}

function place({ root }: Site, file: BootFile): readonly PlacedFile[] {
  const tree = openTree(root, []);
  const there = tree.outside(file.path);
  if (there !== null) return [{ ...file, outside: there, found: look(there) }];
  const folder = tree.outside(dirname(file.path));
  return folder === null ? [] : [{ ...file, outside: join(folder, basename(file.path)), found: null }];
}

/** @returns null where there is no such file */
export function look(outside: string): Found | null {
  try {
    const { ino, size, mtimeMs } = statSync(outside);
    return { inode: ino, size, mtime: mtimeMs };
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null;
    throw error;
  }
}

function isSame(one: Found | null, other: Found | null): boolean {
  if (one === null || other === null) return one === other;
  return one.inode === other.inode && one.size === other.size && one.mtime === other.mtime;
}

/** Whether a kept file is still what lies in its place: the very file, or its copy, which has its time to the millisecond. */
export function isCopy(one: Found, other: Found): boolean {
  return one.inode === other.inode || (one.size === other.size && Math.abs(one.mtime - other.mtime) < 2);
}
