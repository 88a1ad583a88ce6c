/** What a run that was killed did not live to put back: every run that changes a host sees to it first. */
import type { Change, Step } from '../../protocol/messages.ts';
import { withChanges } from '../mending/with-changes.ts';
import type { Site } from '../mending/with-site.ts';
import { applyFileRecovery, planFileRecovery } from './recover-files.ts';
import { recoverLocks } from './recover-locks.ts';
import { relabelNote } from './relabel-note.ts';
import type { Settlement } from './settle.ts';

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
  const planned = await planFileRecovery(site);
  const back = planned.settlements.filter((settlement) => settlement.back !== null);
  const files = site.dryRun ? { changes: planned.changes, told: foretell(back) } : await applyFileRecovery(planned);
  try {
    const locks = await recoverLocks(site);
    return {
      steps: [...planned.steps, ...locks.steps],
      changes: [...files.changes, ...locks.changes],
      told: [...files.told, ...(site.dryRun || back.length === 0 ? [] : relabelNote(site.root)), ...locks.told],
      outstanding: site.dryRun && back.length > 0,
    };
  } catch (error) {
    throw withChanges(error, site.dryRun ? [] : files.changes);
  }
}

function foretell(back: readonly Settlement[]): readonly string[] {
  if (back.length === 0) return [];
  const told = back.map(({ file, back: why }) => `${file.path} is to be put back first: ${why ?? ''}`);
  return [...told, 'what else there is to do is planned anew when that is done'];
}
