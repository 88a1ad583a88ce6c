import type { Lock } from '../../packages/types.ts';
import { BellwetherError } from '../../protocol/errors.ts';
import type { LockRequest } from '../../protocol/messages.ts';
import { isVersion } from './choose-set.ts';

/**
 * The locks that go when these packages are unlocked: those that keep a package in one version (all of them, or of the one
 * version that was named). What forbids a version, and what an administrator wrote elsewhere, stays.
 * @throws BellwetherError `not_supported` where a lock on these packages is one on others too
 */
export function unlockable(standing: readonly Lock[], names: readonly string[], version: string): readonly Lock[] {
  const locks = standing.filter(
    (lock) => !lock.excludes && (version === 'installed' || version === 'running' || locksVersion(lock, version)),
  );
  refuseWide(locks, names);
  return locks;
}

/**
 * A pattern is on packages that nobody asked about, and only by hand can it be told what is to become of those.
 * @param going locks that are to be taken away
 * @throws BellwetherError `not_supported` where one of them is on other packages than these, too
 */
export function refuseWide(going: readonly Lock[], names: readonly string[]): void {
  const wide = going.find(({ name }) => !names.includes(name));
  if (wide === undefined) return;
  throw new BellwetherError('not_supported', `the lock "${wide.line}" in ${wide.source} is on other packages too`, {
    hint: 'take it away by hand, and lock those packages by name',
    at: { line: wide.line, source: wide.source },
  });
}

function locksVersion({ version }: Lock, asked: string): boolean {
  return isVersion(version.replace(/\.\*$/, ''), asked);
}

/** @throws BellwetherError `bad_request` for what makes no sense when locks are to go */
export function refuseNothingToLock({ install, make_default: makeDefault }: LockRequest['params']): void {
  const key = install ? 'install' : makeDefault ? 'make_default' : null;
  if (key === null) return;
  throw new BellwetherError('bad_request', `"params.${key}" is true, but "params.state" is "unlocked"`, {
    hint: `leave out "${key}", or ask for "locked"`,
    at: { key: `params.${key}` },
  });
}
