import type { Lock, Package, PlannedCommand } from '../types.ts';

/** Holds are kept in dpkg's own database. */
export const HELD_BY = 'dpkg';

/** A hold as dpkg-query shows it (`${Package} ${Version} ${db:Status-Want}`): it freezes the version that is installed. */
export function holdOf({ name, version }: Package): Lock {
  return { name, version, line: `${name} ${version} hold`, source: HELD_BY, excludes: false };
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
