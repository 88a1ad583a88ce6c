/** What a run that was killed while packages' scripts were at work kept, and did not live to put back. */
import { basename, dirname, join } from 'node:path';
import { openTree } from '../../host/tree.ts';
import type { LoaderFacts } from '../../host/types.ts';
import type { Change, Step } from '../../protocol/messages.ts';
import { BellwetherError } from '../../protocol/errors.ts';
import { keptName, keptPath } from '../../system/kept-file.ts';
import { withChanges } from '../mending/with-changes.ts';
import type { Site } from '../mending/with-site.ts';
import { bootFiles, type BootFile } from './boot-files.ts';
import { look } from './plan.ts';
import { applySettlements, settle, tellSettled, type KeptFile, type Settlement } from './settle.ts';

/** The files that are still kept, and what becomes of them. */
export interface FileRecovery {
  readonly settlements: readonly Settlement[];
  /** One for each, as the changes are. */
  readonly steps: readonly Step[];
  readonly changes: readonly Change[];
}

/** Where entries lie: one that is gone leads nowhere. */
const FOLDERS = ['/boot', '/boot/loader/entries', '/efi/loader/entries', '/boot/efi/loader/entries'];

/**
 * Finds what is still kept, and decides what becomes of it. Changes nothing. An entry is put back only where there is none any
 * more: what it has become since then somebody may have written.
 */
export async function planFileRecovery(site: Site): Promise<FileRecovery> {
  const found = findKept(site.root, await site.loader());
  const open = found.filter(
    ({ kind, kernel, outside }) => look(outside) === null || (kind !== 'entry' && kernel !== ''),
  );
  const settled = await settle(site, open);
  const settlements = found.map((file) => settled.find((each) => each.file === file) ?? { file, back: null });
  return { settlements, steps: settlements.map(stepOf), changes: settlements.map(changeOf) };
}

/**
 * Does what was decided. What need not come back and cannot be removed is told, and keeps nothing from being done.
 * @returns the changes that were made, and what is to be told, in words
 * @throws BellwetherError those of `applySettlements` for what cannot be put back, with the changes that were made by then
 */
export async function applyFileRecovery({
  settlements,
  changes,
}: FileRecovery): Promise<{ readonly changes: readonly Change[]; readonly told: readonly string[] }> {
  const made: Change[] = [];
  const told: string[] = [];
  for (const [at, settlement] of settlements.entries()) {
    try {
      await applySettlements([settlement]);
      made.push(...changes.slice(at, at + 1));
      told.push(...tellSettled([settlement]));
    } catch (error) {
      if (settlement.back !== null || !(error instanceof BellwetherError)) throw withChanges(error, made);
      told.push(error.message);
    }
  }
  return { changes: made, told };
}

function findKept(root: string, loader: LoaderFacts): readonly KeptFile[] {
  const tree = openTree(root, []);
  const kernels = loader.entries.flatMap(({ kernel }) => kernel ?? []);
  const known = bootFiles(loader, kernels);
  const folders = [...FOLDERS, ...known.map(({ path }) => dirname(path))].map((path) => tree.real(path) ?? path);
  return [...new Set(folders)].flatMap((folder) =>
    tree.list(folder).flatMap((each) => {
      const name = keptName(each);
      const outside = tree.outside(folder);
      if (name === null || outside === null) return [];
      const path = join(folder, name);
      return [
        {
          ...(known.find((file) => (tree.real(file.path) ?? file.path) === path) ?? guess(path)),
          outside: join(outside, name),
        },
      ];
    }),
  );
}

/** A file that no entry names any more: it is not judged. */
function guess(path: string): BootFile {
  return { kernel: '', kind: path.endsWith('.conf') ? 'entry' : 'image', path };
}

function stepOf({ file: { path }, back }: Settlement): Step {
  return back === null
    ? { action: 'clear', what: hidden(path), command: null, because: 'a run that was ended left it behind' }
    : {
        action: 'replace',
        what: path,
        command: null,
        because: `a run that was ended kept it, and ${back}; the rest is planned when it is back`,
      };
}

function changeOf({ file: { path, outside }, back }: Settlement): Change {
  if (back !== null) return { what: path, before: look(outside) === null ? null : back, after: 'as it was kept' };
  return { what: hidden(path), before: `${look(keptPath(outside))?.size ?? 0} bytes`, after: null };
}

function hidden(path: string): string {
  return join(dirname(path), basename(keptPath(path)));
}
