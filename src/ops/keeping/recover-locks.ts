/** The locks that a run which was killed had taken off for a transaction. */
import type { PackageManager, PlannedCommand } from '../../packages/types.ts';
import { BellwetherError } from '../../protocol/errors.ts';
import { expectLocks, type Expectation } from '../locking/expectations.ts';
import { commandStep, runCommands } from '../mending/run-commands.ts';
import type { Site } from '../mending/with-site.ts';
import type { Recovered } from './recover.ts';
import { readReleased, RELEASED_LOCKS, strikeReleased } from './released-locks.ts';

interface LockRecovery {
  readonly packages: PackageManager;
  /** On record. */
  readonly names: readonly string[];
  /** Those whose lock is to come back. */
  readonly gone: readonly string[];
  readonly commands: readonly PlannedCommand[];
  readonly expectations: readonly Expectation[];
}

/**
 * Puts back the locks that are on record and do not stand, or plans it where this is a dry run. What keeps the package manager
 * from it is told, and keeps nothing else from being mended: the record stays.
 * @throws BellwetherError the reason of the tools' signal
 */
export async function recoverLocks(site: Site): Promise<Pick<Recovered, 'steps' | 'changes' | 'told'>> {
  const names = readReleased(site.root);
  if (names.length === 0) return { steps: [], changes: [], told: [] };
  const tell = (which: readonly string[], what: string): string =>
    `the locks on ${which.join(', ')}, which a run that was ended had taken off, ${what}`;
  try {
    const recovery = await planLockRecovery(site, names);
    const { gone } = recovery;
    if (!site.dryRun) await putBack(site, recovery);
    const told = tell(gone, site.dryRun ? 'are to be put back first' : 'are back');
    return { ...report(recovery), told: gone.length === 0 ? [] : [told] };
  } catch (error) {
    if (!(error instanceof BellwetherError) || site.tools.signal.aborted) throw error;
    const told = tell(names, `could not be put back, for the next run to do: ${error.message}`);
    return { steps: [], changes: [], told: [told] };
  }
}

/** Of packages that are still there: in the version that is installed now, as a hold is. */
async function planLockRecovery(site: Site, names: readonly string[]): Promise<LockRecovery> {
  const packages = await site.packages();
  const standing = await packages.locks(names);
  const locks = packages.planLock(standing, await packages.installed(names), false);
  return {
    packages,
    names,
    gone: locks.add.map(({ name }) => name),
    commands: locks.commands,
    expectations: expectLocks(locks),
  };
}

async function putBack(site: Site, { packages, names, commands, expectations }: LockRecovery): Promise<void> {
  await runCommands(site, packages, commands);
  const found = { locks: await packages.locks(names), installed: [], boots: null };
  const unmet = expectations.filter(({ isSo }) => !isSo(found)).map(({ otherwise }) => otherwise(found));
  if (unmet.length > 0) throw new BellwetherError('not_effective', unmet.join('; '), { at: { unmet } });
  await strikeReleased(site.root, names);
}

/** Where all of them stand, only the record is left over. */
function report({ names, commands, expectations }: LockRecovery): Pick<Recovered, 'steps' | 'changes'> {
  if (commands.length > 0)
    return {
      steps: commands.map((command) => commandStep(command, 'a run that was ended had taken it off')),
      changes: expectations.map(({ change }) => change),
    };
  const because = 'a run that was ended left it behind';
  return {
    steps: [{ action: 'clear', what: RELEASED_LOCKS, command: null, because }],
    changes: [{ what: RELEASED_LOCKS, before: names.join(' '), after: null }],
  };
}
