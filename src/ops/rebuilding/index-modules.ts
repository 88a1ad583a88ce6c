import { constants } from 'node:fs';
import { access, copyFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BellwetherError } from '../../protocol/errors.ts';
import { openTree } from '../../host/tree.ts';
import { errorCode } from '../../system/error-code.ts';
import { keepAttributes } from '../../system/images/keep-attributes.ts';
import { roomAt } from '../../system/room-at.ts';
import { judgedOf, type Judged } from '../look.ts';
import type { Site } from '../mending/with-site.ts';

/** What depmod writes, and what the kernel's package brings beside it: a few MB. */
const INDEX = /^modules\.[a-z.]+$/;
const SAVED = '.bellwether-';

/**
 * Has depmod make a kernel's own module index anew, and reads it back: depmod says nothing of what it could not index.
 * Where the index is no better for it, the old files are put back. Without room for both nothing is begun.
 * @returns the kernel as it is judged with the new index
 * @throws BellwetherError `not_effective` where the index is no better; `program_absent`, `command_failed`; the reason of
 *   the tools' signal
 */
export async function indexModules(judged: Judged, { runner, tools, look }: Site): Promise<Judged> {
  const { terms, facts } = judged;
  const { kernel, host } = facts;
  const folder = kernel.modulesDir === null ? null : openTree(host.root, []).outside(kernel.modulesDir);
  if (folder === null) throw new BellwetherError('kernel_absent', `kernel ${kernel.kernel} has no modules here`);
  tools.progress({ what: `making the module index of ${kernel.kernel} anew` });
  await saveIndex(kernel.kernel, folder);
  try {
    await runner.run('depmod', [kernel.kernel], { signal: tools.signal, timeoutSeconds: 600 });
    const now = judgedOf(await look({ params: { ...terms, kernels: [kernel.kernel] } }), kernel.kernel);
    if (!isBetter(judged, now)) throw notEffective(judged);
    await clearSaved(folder);
    return now;
  } catch (error) {
    throw await putBack(error, folder, kernel.kernel);
  }
}

/** Whole, or with more modules than before: one that cannot be read at all is left out by the best depmod. */
function isBetter(before: Judged, now: Judged): boolean {
  if (!now.judgement.findings.some(({ code }) => code === 'host_module_index')) return true;
  return (now.facts.kernel.index?.modules.size ?? 0) > (before.facts.kernel.index?.modules.size ?? 0);
}

function notEffective({ facts: { kernel } }: Judged): BellwetherError {
  const { index, modules } = kernel;
  return new BellwetherError(
    'not_effective',
    `depmod ended well and made the module index of ${kernel.kernel} no better (${index?.modules.size ?? 0} of ${modules.length} modules): most likely kmod itself is damaged`,
    {
      hint: 'reinstall kmod: `bellwether reinstall kmod`, or `bellwether repair`',
      at: { kernel: kernel.kernel, package: 'kmod', path: index?.dep.path ?? null },
    },
  );
}

async function indexNames(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => INDEX.test(name));
}

/** Where a file of the old index lies while depmod works. */
function savedName(name: string): string {
  return `${SAVED}${name}`;
}

/**
 * Copies the old index beside itself: a copy, since a damaged depmod may write into the very files. Whatever keeps depmod
 * from writing keeps this from it first, with the index as it was.
 */
async function saveIndex(kernel: string, folder: string): Promise<void> {
  const names = await indexNames(folder);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  try {
    await access(folder, constants.W_OK);
    // What a run that was killed left lying.
    await clearSaved(folder);
    const { free } = await roomAt(folder);
    const needed = 2 * sizes.reduce((sum, size) => sum + size, 0);
    if (free < needed) throw noRoom(kernel, folder, { needed, free });
    for (const name of names) {
      const copy = join(folder, savedName(name));
      await copyFile(join(folder, name), copy, constants.COPYFILE_FICLONE);
      await keepAttributes(join(folder, name), copy);
    }
  } catch (error) {
    await clearSaved(folder).catch(() => undefined); // the error that led here is the one to tell
    throw refused(error, kernel, folder);
  }
}

async function clearSaved(folder: string): Promise<void> {
  for (const name of await readdir(folder)) if (name.startsWith(SAVED)) await rm(join(folder, name), { force: true });
}

/**
 * Puts the old index back by renames alone, which need no room.
 * @returns the error that led here; that it could not be put back is added to it
 */
async function putBack(because: unknown, folder: string, kernel: string): Promise<unknown> {
  try {
    const names = await readdir(folder);
    for (const name of names.filter((each) => INDEX.test(each)))
      if (!names.includes(savedName(name))) await rm(join(folder, name));
    for (const name of names)
      if (name.startsWith(SAVED)) await rename(join(folder, name), join(folder, name.slice(SAVED.length)));
    return because;
  } catch (error) {
    const message = because instanceof Error ? because.message : String(because);
    return new BellwetherError(
      because instanceof BellwetherError ? because.code : 'command_failed',
      `${message}; and the old module index of ${kernel} could not be put back: ${String(error)}`,
      { hint: `it lies in ${folder} under names that start with ${SAVED}`, cause: because },
    );
  }
}

function noRoom(
  kernel: string,
  folder: string,
  at: { readonly needed: number; readonly free: number },
): BellwetherError {
  return new BellwetherError(
    'command_failed',
    `there is no room to make the module index of ${kernel} anew: about ${at.needed} bytes are needed in ${folder}, ${at.free} are free`,
    { hint: 'make room there; the index is as it was', at: { kernel, path: folder, ...at } },
  );
}

/** What the system refuses before anything is changed. */
function refused(error: unknown, kernel: string, folder: string): unknown {
  const errno = errorCode(error);
  if (errno === null || error instanceof BellwetherError) return error;
  return new BellwetherError(
    errno === 'EACCES' || errno === 'EPERM' ? 'not_permitted' : 'command_failed',
    `the module index of ${kernel} cannot be made anew: ${String(error)}`,
    {
      hint: errno === 'EROFS' ? 'mount it writable; the index is as it was' : 'the index is as it was',
      at: { kernel, path: folder, errno },
      cause: error,
    },
  );
}
