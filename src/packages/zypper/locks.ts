/**
 * zypper's locks, as `/etc/zypp/locks` keeps them: stanzas of `key: value` parted by blank lines, each a query, and every
 * package that it finds is locked. Without `version` it finds all, with `version: != 1-2` all but one: that pins.
 */
import { patternMatches } from '../name-pattern.ts';
import type { Lock, LockPlan, Package, PlannedCommand } from '../types.ts';

export const LOCKS_FILE = '/etc/zypp/locks';

const ZYPPER = ['zypper', '--non-interactive'] as const;

/** The locks on packages; those on patches, patterns and products are none of ours. */
export function parseZypperLocks(text: string): readonly Lock[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const values = new Map(
      stanza.split('\n').flatMap((line) => {
        const { key, value } = /^(?<key>[\w-]+): *(?<value>.*?) *$/.exec(line)?.groups ?? {};
        return key === undefined || value === undefined ? [] : [[key, value] as const];
      }),
    );
    const name = values.get('solvable_name');
    if (name === undefined || (values.get('type') ?? 'package') !== 'package') return [];
    const { comparator = '', version = '' } =
      /^(?<comparator>[<>=!]+)? *(?:0:)?(?<version>.*)$/.exec(values.get('version') ?? '')?.groups ?? {};
    return [lockOf(name, version === '' ? '' : comparator || '=', version, values.get('repo') ?? null)];
  });
}

/** The lock that holds all versions of a package back but one. */
export function pin({ name, version }: Package): Lock {
  return lockOf(name, '!=', version, null);
}

/**
 * From the locks as they stand to exactly `wanted`: new ones first, so that at no time nothing is locked.
 * @param exclusive whether other locks on the same packages go
 */
export function planZypperLock(standing: readonly Lock[], wanted: readonly Package[], exclusive: boolean): LockPlan {
  const pins = [...new Map(wanted.map((each) => [pin(each).line, pin(each)])).values()];
  const serves = (lock: Lock): boolean =>
    pins.some((each) => patternMatches(lock.name, each.name) && lock.version === each.version && !lock.excludes);
  const concerned = ({ name }: Lock): boolean => wanted.some((each) => patternMatches(name, each.name));
  const add = pins.filter(({ line }) => standing.every((lock) => lock.line !== line));
  const remove = exclusive ? standing.filter((lock) => concerned(lock) && !serves(lock)) : [];
  return { remove, add, commands: [...additions(add), ...removals(remove)] };
}

/** Removing these locks and no others: each by the whole of what it says, for a bare name removes a bare lock alone. */
export function planZypperUnlock(locks: readonly Lock[]): LockPlan {
  return { remove: locks, add: [], commands: removals(locks) };
}

function lockOf(name: string, comparator: string, version: string, repository: string | null): Lock {
  const spec = version === '' ? name : `${name} ${comparator} ${version}`;
  const pins = comparator === '!=';
  return {
    name,
    version: version === '' ? '*' : pins || comparator === '=' ? version : `${comparator} ${version}`,
    line: repository === null ? spec : `${spec}${IN}${repository}`,
    source: LOCKS_FILE,
    excludes: !pins,
  };
}

const IN = ' in repository ';

/** The locks, by their lines, that a command of a plan is about. */
export function linesOf(command: readonly string[]): readonly string[] {
  const end = command.indexOf('--');
  const repo = command.slice(0, end).indexOf('--repo');
  const where = repo === -1 ? '' : `${IN}${command[repo + 1] ?? ''}`;
  return command.slice(end + 1).map((spec) => `${spec}${where}`);
}

function additions(locks: readonly Lock[]): readonly PlannedCommand[] {
  if (locks.length === 0) return [];
  const specs = locks.map(({ line }) => line);
  return [{ action: 'lock', what: specs.join(', '), command: [...ZYPPER, 'addlock', '--', ...specs] }];
}

/** Locks for one repository want it named, so these go one command a repository. */
function removals(locks: readonly Lock[]): readonly PlannedCommand[] {
  const byRepository = new Map<string, string[]>();
  for (const { line } of locks) {
    const at = line.indexOf(IN);
    const [spec, repository] = at === -1 ? [line, ''] : [line.slice(0, at), line.slice(at + IN.length)];
    byRepository.set(repository, [...(byRepository.get(repository) ?? []), spec]);
  }
  return [...byRepository].map(([repository, specs]) => ({
    action: 'unlock',
    what: specs.join(', '),
    command: [...ZYPPER, 'removelock', ...(repository === '' ? [] : ['--repo', repository]), '--', ...specs],
  }));
}
