import { BellwetherError } from '../../protocol/errors.ts';
import type { Verified } from '../../packages/types.ts';
import { rewrittenSince } from '../keeping/plan.ts';
import { whileKept } from '../keeping/while-kept.ts';
import type { Outcome } from '../mending/mend.ts';
import { runCommands } from '../mending/run-commands.ts';
import type { Site } from '../mending/with-site.ts';
import { describeDamage, reinstallChange } from './describe.ts';
import type { ReinstallPlan } from './plan.ts';

/**
 * Runs what was planned.
 * @returns what was put back of that which the host boots from, in words
 */
export async function applyReinstall(site: Site, { commands, keeping }: ReinstallPlan): Promise<readonly string[]> {
  if (keeping === null) return [];
  const packages = await site.packages();
  return whileKept(site, keeping, () => runCommands(site, packages, commands));
}

/**
 * Verifies the packages again: what a package manager says of its own success proves nothing. Where the run did not come
 * to its end, only what was damaged and is intact now is known to be changed.
 */
export async function observeReinstall(site: Site, { reinstall, keeping }: ReinstallPlan): Promise<Outcome> {
  const packages = await site.witness();
  const now = await packages.verify(reinstall.map(({ name }) => name));
  const isIntact = (found: Verified): boolean => now.some((each) => isSame(each, found) && !each.damaged);
  const still = reinstall.filter((found) => !isIntact(found));
  return {
    changes: [
      ...reinstall.filter((found) => found.damaged && isIntact(found)).map(reinstallChange),
      ...(keeping === null ? [] : rewrittenSince(keeping)),
    ],
    failure: still.length === 0 ? null : notEffective(still, now),
  };
}

function notEffective(still: readonly Verified[], now: readonly Verified[]): BellwetherError {
  const told = still.map((found) => {
    const after = now.find((each) => isSame(each, found));
    const name = `${found.name} ${found.version}.${found.arch}`;
    return after === undefined ? `${name} is not installed any more` : `${name}: ${describeDamage(after)}`;
  });
  const files = now.filter(({ damaged }) => damaged).flatMap((each) => each.files.filter(({ harmless }) => !harmless));
  return new BellwetherError('not_effective', `reinstalled, and still damaged: ${told.join('; ')}`, {
    hint: 'something else writes these files, or the disk does not keep what it is given: see the kernel log',
    at: { packages: still.map(({ name }) => name), files: files.map(({ path }) => path) },
  });
}

function isSame(one: Verified, other: Verified): boolean {
  return one.name === other.name && one.version === other.version && one.arch === other.arch;
}
