/** What a run that was killed did not live to put back: every run that changes a host sees to it first. */
import type { Change, Step } from '../../protocol/messages.ts';
import type { Site } from '../mending/with-site.ts';
import { applyFileRecovery, planFileRecovery, type FileRecovery } from './recover-files.ts';
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
 * Puts back what is still kept, or plans it where this is a dry run.
 * @throws BellwetherError those of `applyFileRecovery`
 */
export async function recover(site: Site): Promise<Recovered> {
  const files = await planFileRecovery(site);
  if (!site.dryRun) await applyFileRecovery(files);
  return {
    steps: files.steps,
    changes: files.changes,
    told: tellFiles(site, files),
    outstanding: site.dryRun && isPutBack(files),
  };
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
