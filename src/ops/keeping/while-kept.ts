import { dirname } from 'node:path';
import { openTree } from '../../host/tree.ts';
import { BellwetherError } from '../../protocol/errors.ts';
import { keepFile, keptPath } from '../../system/kept-file.ts';
import type { Site } from '../mending/with-site.ts';
import { inWords } from '../rebuilding/in-words.ts';
import { restoreDefault } from './keep-default.ts';
import { look, type Keeping, type PlacedFile } from './plan.ts';
import { relabelNote } from './relabel-note.ts';
import { applySettlements, settle, tellSettled, type KeptFile } from './settle.ts';

/** Beside what is kept, for what the scripts write. Bytes. */
const SLACK = 16 << 20;

/**
 * Runs the scripts of packages while what the host boots from is kept, and sets right what they did to it, however they
 * end.
 * @returns what was put back, and why, and what else is to be told, in words
 * @throws BellwetherError `boot_full` before anything is done, where a kernel's own packages are among them and its files
 *   cannot be kept; those of `keepFile` and `inWords`; what the work throws, with what was put back in its message; `command_failed` where something could
 *   not be put back: it stays where it is kept
 */
export async function whileKept(site: Site, keeping: Keeping, work: () => Promise<void>): Promise<readonly string[]> {
  const kept = await keep(site, keeping);
  try {
    await work();
  } catch (error) {
    throw withTold(error, await setRight(site, keeping, kept, error));
  }
  return [...(await setRight(site, keeping, kept, undefined)), ...relabelNote(site.root)];
}

async function keep(site: Site, { files, rewritten }: Keeping): Promise<readonly KeptFile[]> {
  if (files.length > 0) site.tools.progress({ what: 'keeping what the host boots from' });
  const reserve = SLACK + Math.max(0, ...files.map(({ found }) => found?.size ?? 0));
  const made: PlacedFile[] = [];
  try {
    for (const file of files.filter((each) => each.found !== null))
      if (await keepOne(file, reserve)) made.push(file);
      else if (rewritten.includes(file.kernel)) throw noRoom(site, file);
  } catch (error) {
    throw await withReleased(error, made);
  }
  return made;
}

async function keepOne({ path, outside }: PlacedFile, reserve: number): Promise<boolean> {
  try {
    return await keepFile(outside, reserve);
  } catch (error) {
    throw inWords(error, `${path} could not be kept, and so nothing was begun`, path);
  }
}

/** Nothing was done: what was kept for it goes again. Where it cannot, it is told beside what led there. */
async function withReleased(error: unknown, made: readonly PlacedFile[]): Promise<unknown> {
  try {
    await applySettlements(made.map((file) => ({ file, back: null })));
    return error;
  } catch (left) {
    if (!(error instanceof BellwetherError) || !(left instanceof BellwetherError))
      return new AggregateError([error, left], 'what was kept could not be let go again');
    return error.saying({ words: [left.message] });
  }
}

function noRoom({ root }: Site, { path, kernel, found }: PlacedFile): BellwetherError {
  const folder = dirname(openTree(root, []).real(path) ?? path);
  return new BellwetherError(
    'boot_full',
    `the packages of ${kernel} are left alone: their scripts may remove ${path}, and there is no room to keep it`,
    { at: { path, folder, kernel, needed: found?.size ?? null } },
  );
}

/** First what is gone, entries among it: images are judged by the entry that loads them. */
async function setRight(
  site: Site,
  { next }: Keeping,
  kept: readonly KeptFile[],
  cause: unknown,
): Promise<readonly string[]> {
  const told: string[] = [];
  for (const files of [kept.filter(({ kind }) => kind !== 'image'), kept.filter(({ kind }) => kind === 'image')]) {
    try {
      const settlements = await settle(site, files);
      await applySettlements(settlements);
      told.push(...tellSettled(settlements));
    } catch (error) {
      throw notSet(files, error, cause);
    }
  }
  return [...told, ...(await restoreDefault(site, next))];
}

function notSet(files: readonly KeptFile[], error: unknown, cause: unknown): BellwetherError {
  const left = files.filter(({ outside }) => look(keptPath(outside)) !== null);
  const first = cause instanceof Error ? ` (and before that: ${cause.message})` : '';
  return new BellwetherError(
    'command_failed',
    `it could not be seen to that ${files.map(({ path }) => path).join(', ')} are no worse than before: ${error instanceof Error ? error.message : String(error)}${first}`,
    {
      hint: 'see that they are there; as they were they are kept beside them: the next run puts them back where they are gone or worse',
      at: { kept: left.map(({ outside }) => keptPath(outside)) },
      cause: error,
    },
  );
}

function withTold(error: unknown, told: readonly string[]): unknown {
  if (told.length === 0 || !(error instanceof BellwetherError)) return error;
  return error.saying({ words: told });
}
