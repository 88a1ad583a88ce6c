import type { Lock, Package, PlannedCommand } from './types.ts';

/** Holds are kept in dpkg's own database. */
export const HELD_BY = 'dpkg';

/** A hold as it is read back: dpkg keeps no version with it, it freezes the one that is installed. */
export function holdOf({ name, version }: Package): Lock {
  return { name, version, line: `${name} hold`, source: HELD_BY, excludes: false };
}

/** The command that holds these packages; none where there are none. */
export function planHolds(names: readonly string[]): readonly PlannedCommand[] {
  return mark('lock', 'hold', names);
}

/** The command that releases these packages; none where there are none. */
export function planReleases(names: readonly string[]): readonly PlannedCommand[] {
  return mark('unlock', 'unhold', names);
}

function mark(action: 'lock' | 'unlock', verb: string, names: readonly string[]): readonly PlannedCommand[] {
  return names.length === 0 ? [] : [{ action, what: names.join(' '), command: ['apt-mark', verb, '--', ...names] }];
}
