/** What a run that was killed did not live to put back: every run that changes a host sees to it first. */
import type { Change, Step } from '../../protocol/messages.ts';
import { withChanges } from '../mending/with-changes.ts';
import type { Site } from '../mending/with-site.ts';
import { applyFileRecovery, planFileRecovery, type FileRecovery } from './recover-files.ts';
import { recoverLocks } from './recover-locks.ts';
import { relabelNote } from './relabel-note.ts';
import { tellSettled } from './while-kept.ts';

export interface Recovered {
  readonly steps: readonly Step[];
  readonly changes: readonly Change[];
  /** What came back, in a dry run what would, and what could not, in words. */
  readonly told: readonly string[];
  /** In a dry run: files are to come back first. What boots then, nobody can tell before. */
  readonly outstanding: boolean;
}

/**
 * Puts back what is still kept or on record, or plans it where this is a dry run.
 * @throws BellwetherError those of `applyFileRecovery` and `recoverLocks`, with the changes that were made by then
 */
export async function recover(site: Site): Promise<Recovered> {
  const files = await planFileRecovery(site);
  if (!site.dryRun) await applyFileRecovery(files);
  try {
    const locks = await recoverLocks(site);
    return {
      steps: [...files.steps, ...locks.steps],
      changes: [...files.changes, ...locks.changes],
      told: [...tellFiles(site, files), ...locks.told],
      outstanding: site.dryRun && isPutBack(files),
    };
  } catch (error) {
    throw withChanges(error, site.dryRun ? [] : files.changes);
  }
}

function tellFiles({ root, dryRun }: Site, { settlements }: FileRecovery): readonly string[] {
  if (!dryRun) return [...tellSettled(settlements), ...(isPutBack({ settlements }) ? relabelNote(root) : [])];
  const told = settlements.flatMap(({ file, back }) =>
    back === null ? [] : [`${file.path} is to be put back first: ${back}`],
  );
  return told.length === 0 ? [] : [...told, 'what else there is to do is planned anew when that is done'];
}

function isPutBack({ settlements }: Pick<FileRecovery, 'settlements'>): boolean {
  return settlements.some(({ back }) => back !== null);
}
