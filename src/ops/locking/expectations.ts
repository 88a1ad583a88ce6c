/** What a lock changes, each with how to see that it came about: told before it in a dry run, and after it alike. */
import type { InstalledPackage, Lock, LockPlan, Package } from '../../packages/types.ts';
import type { Change } from '../../protocol/messages.ts';
import type { DefaultPlan } from '../make-default.ts';

/** What is seen afterwards. */
export interface Found {
  readonly locks: readonly Lock[];
  readonly installed: readonly InstalledPackage[];
  /** K of what boots next. */
  readonly boots: string | null;
}

export interface Expectation {
  readonly change: Change;
  readonly isSo: (found: Found) => boolean;
  /** In words, where it is not so. */
  readonly otherwise: (found: Found) => string;
}

/**
 * Kernels come beside those that are there; of other packages there is one version at a time.
 * @param installed every installed version of these, oldest first
 */
export function expectInstalled(
  missing: readonly Package[],
  installed: readonly InstalledPackage[],
): readonly Expectation[] {
  return missing.map((wanted) => {
    const { name, version, arch } = wanted;
    const single = [...installed].reverse().find((each) => each.name === name && each.kernel === null);
    const label = arch === '' ? `${name} ${version}` : `${name} ${version}.${arch}`;
    return {
      change:
        single === undefined
          ? { what: label, before: 'absent', after: 'installed' }
          : { what: name, before: single.version, after: version },
      isSo: (found) => found.installed.some((each) => each.name === name && each.version === version),
      otherwise: () => `${label} is not installed`,
    };
  });
}

/** One for each line that comes, together with the one whose place it takes; one for each that just goes. */
export function expectLocks({ add, remove }: LockPlan): readonly Expectation[] {
  const left = [...remove];
  const coming = add.map((lock) => {
    const at = left.findIndex(({ name }) => name === lock.name);
    const [replaced] = at === -1 ? [] : left.splice(at, 1);
    return expectLock(lock, lock, replaced ?? null);
  });
  return [...coming, ...left.map((lock) => expectLock(lock, null, lock))];
}

function expectLock({ name, source }: Lock, coming: Lock | null, going: Lock | null): Expectation {
  const isThere = (lock: Lock | null, { locks }: Found): boolean =>
    locks.some((each) => each.line === lock?.line && each.source === lock.source);
  return {
    change: { what: `lock on ${name} (${source})`, before: going?.line ?? null, after: coming?.line ?? null },
    isSo: (found) => (coming === null || isThere(coming, found)) && !isThere(going, found),
    otherwise: (found) =>
      isThere(going, found)
        ? `"${going?.line ?? ''}" is still in ${source}`
        : `"${coming?.line ?? ''}" is not in ${source}`,
  };
}

export function expectDefault({ change, kernel }: DefaultPlan): Expectation {
  return {
    change,
    isSo: ({ boots }) => boots === kernel,
    otherwise: ({ boots }) => `what boots next is ${boots ?? 'not known'}, not ${kernel}`,
  };
}
