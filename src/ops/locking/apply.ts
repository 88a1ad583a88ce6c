import type { Package, PackageManager } from '../../packages/types.ts';
import { BellwetherError } from '../../protocol/errors.ts';
import { rewrittenSince } from '../keeping/plan.ts';
import { whileKept } from '../keeping/while-kept.ts';
import { applyDefault, readDefault } from '../make-default.ts';
import type { Outcome } from '../mending/mend.ts';
import { runCommands } from '../mending/run-commands.ts';
import type { Site } from '../mending/with-site.ts';
import type { LockingPlan } from './plan.ts';

/**
 * Does what was planned. Whether it holds is for `proveLocks` to ask.
 * @returns what was put back of that which the host boots from, in words
 */
export async function applyLocking(site: Site, plan: LockingPlan): Promise<readonly string[]> {
  const packages = await site.packages();
  const run = () => runCommands(site, packages, plan.commands);
  const told = plan.keeping === null ? await run().then(() => []) : await whileKept(site, plan.keeping, run);
  if (plan.makeDefault !== null) {
    site.tools.signal.throwIfAborted();
    await applyDefault(site, plan.makeDefault);
  }
  return told;
}

/**
 * Asks the resolver whether it would move any of the locked packages. Lines that are there prove nothing: the plugin that
 * reads them may be off.
 * @throws BellwetherError `not_effective` naming package and version
 */
export async function proveLocks(packages: PackageManager, wanted: readonly Package[]): Promise<void> {
  for (const each of wanted) {
    const next = await packages.wouldMove(each);
    if (next === null) continue;
    throw new BellwetherError(
      'not_effective',
      `${each.name} is locked to ${each.version}, but ${packages.name} would move it to ${next}`,
      {
        hint: 'see that version locks are enabled, and that nothing else lets it move',
        at: { package: each.name, version: each.version, next },
      },
    );
  }
}

/** Reads locks, packages and the boot entry again: which of the changes are so now. */
export async function observeLocking(
  site: Site,
  { names, missing, makeDefault, keeping, expectations }: LockingPlan,
): Promise<Outcome> {
  const packages = await site.witness();
  const found = {
    locks: await packages.locks(names),
    installed: missing.length === 0 ? [] : await packages.installed(missing.map(({ name }) => name)),
    boots: makeDefault === null ? null : await readDefault(site),
  };
  const unmet = expectations.filter(({ isSo }) => !isSo(found)).map(({ otherwise }) => otherwise(found));
  return {
    changes: [
      ...expectations.filter(({ isSo }) => isSo(found)).map(({ change }) => change),
      ...(keeping === null ? [] : rewrittenSince(keeping)),
    ],
    failure: unmet.length === 0 ? null : notEffective(unmet),
  };
}

function notEffective(unmet: readonly string[]): BellwetherError {
  return new BellwetherError('not_effective', `all was done, and yet ${unmet.join('; ')}`, {
    hint: 'something else writes there, or what keeps locks is switched off',
    at: { unmet: [...unmet] },
  });
}
