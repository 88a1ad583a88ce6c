import { exactEntry, formatVersionlockFile, lockOf, VERSIONLOCK_FILE, type LockEntry } from './versionlock.ts';
import { patternMatches } from '../name-pattern.ts';
import { fileReplacement } from '../file-replacement.ts';
import type { Lock, LockPlan, Package, PlannedCommand } from '../types.ts';

const COMMENT = 'Added by bellwether';

/**
 * From the locks as they stand to exactly `wanted`. What is only added, dnf adds. Where something goes in the same step the
 * file is written at once, as dnf would write it: between a `delete` and an `add` nothing would be locked.
 * @param entries the whole file
 */
export function planDnf5Lock(
  entries: readonly LockEntry[],
  standing: readonly Lock[],
  wanted: readonly Package[],
  exclusive: boolean,
): LockPlan {
  const locks = unique(wanted).map(({ name, version }) => lockOf(exactEntry(name, version, '')));
  const kept = (lock: Lock): boolean =>
    locks.some((each) => patternMatches(lock.name, each.name) && locksAlike(each, lock));
  const concerned = ({ name }: Lock): boolean => wanted.some((each) => patternMatches(name, each.name));
  const remove = exclusive ? standing.filter((lock) => concerned(lock) && !kept(lock)) : [];
  const add = locks.filter((lock) => !standing.some((each) => each.name === lock.name && locksAlike(each, lock)));
  if (remove.length > 0) return { remove, add, commands: [rewrite(entries, remove, add)] };
  return { remove, add, commands: add.length === 0 ? [] : [addition(add)] };
}

/**
 * Removing these locks and no others. `versionlock delete` knows names alone and takes all entries of a name, so it is for
 * where all of them go; a version in its argument matches nothing, and it says so by exit status 0.
 * @param entries the whole file
 */
export function planDnf5Unlock(entries: readonly LockEntry[], locks: readonly Lock[]): LockPlan {
  if (locks.length === 0) return { remove: [], add: [], commands: [] };
  const lines = new Set(locks.map(({ line }) => line));
  const names = [...new Set(locks.map(({ name }) => name))];
  const whole = entries.every((entry) => !names.includes(entry.name) || lines.has(lockOf(entry).line));
  return { remove: locks, add: [], commands: [whole ? deletion(names) : rewrite(entries, locks, [])] };
}

/** What `versionlock add` is given for a lock. */
export function lockSpec({ name, version }: Lock): string {
  return `${name}-${version}`;
}

function addition(locks: readonly Lock[]): PlannedCommand {
  return {
    action: 'lock',
    what: locks.map(lockSpec).join(' '),
    command: ['dnf5', '--assumeyes', 'versionlock', 'add', '--', ...locks.map(lockSpec)],
  };
}

function deletion(names: readonly string[]): PlannedCommand {
  return {
    action: 'unlock',
    what: names.join(' '),
    command: ['dnf5', '--assumeyes', 'versionlock', 'delete', '--', ...names],
  };
}

function rewrite(entries: readonly LockEntry[], remove: readonly Lock[], add: readonly Lock[]): PlannedCommand {
  const lines = new Set(remove.map(({ line }) => line));
  const left = entries.filter((entry) => !lines.has(lockOf(entry).line));
  const added = add.map(({ name, version }) => exactEntry(name, version, COMMENT));
  return {
    action: add.length > 0 ? 'lock' : 'unlock',
    what: (add.length > 0 ? add : remove).map(lockSpec).join(' '),
    command: fileReplacement(VERSIONLOCK_FILE),
    input: formatVersionlockFile([...left, ...added]),
  };
}

function unique(packages: readonly Package[]): readonly Package[] {
  const seen = new Map(packages.map((each) => [`${each.name} ${each.version}`, each]));
  return [...seen.values()];
}

function locksAlike(a: Lock, b: Lock): boolean {
  return a.version === b.version && !a.excludes && !b.excludes;
}
