/**
 * The locks of dnf 5, as `dnf5 versionlock list` prints them and as `/etc/dnf/versionlock.toml` keeps them
 * (dnf5-versionlock(8)). Entries on one package are alternatives: beside `!= 2`, a lock `= 1` holds nothing back.
 */
import type { Lock } from '../types.ts';

export const VERSIONLOCK_FILE = '/etc/dnf/versionlock.toml';

export interface LockCondition {
  readonly key: string;
  readonly comparator: string;
  readonly value: string;
}

/** One `[[packages]]` of the file. */
export interface LockEntry {
  /** A name, or a shell pattern. */
  readonly name: string;
  readonly comment: string;
  readonly conditions: readonly LockCondition[];
  /** What makes dnf pass it over, or null. */
  readonly fault: string | null;
}

/**
 * Reads what `dnf5 versionlock list` printed: entries parted by blank lines, each with `# comment`, `Package name: NAME` and
 * one condition a line; behind ` # ` what is wrong with it.
 */
export function parseVersionlockList(text: string): readonly LockEntry[] {
  const entries: LockEntry[] = [];
  let comment: string[] = [];
  let entry: { name: string; comment: string; conditions: LockCondition[]; fault: string | null } | null = null;
  for (const line of text.split('\n')) {
    const named = /^Package name: (?<name>[^#]*?)(?: # (?<fault>.*))?$/.exec(line)?.groups;
    if (named !== undefined) {
      entry = { name: named.name ?? '', comment: uncommented(comment), conditions: [], fault: named.fault ?? null };
      entries.push(entry);
      comment = [];
    } else if (line === '') {
      entry = null;
    } else if (entry === null) {
      comment.push(line);
    } else {
      const condition = /^(?<key>\S*) (?<comparator>\S*) (?<value>.*?)(?: # (?<fault>.*))?$/.exec(line)?.groups;
      if (condition === undefined) continue;
      const { key = '', comparator = '', value = '', fault } = condition;
      entry.conditions.push({ key, comparator, value });
      entry.fault ??= fault ?? null;
    }
  }
  return entries;
}

function uncommented(lines: readonly string[]): string {
  return lines.join('\n').replace(/^# /, '');
}

/** The whole file, as dnf itself writes it: its entries and their comments, in their order. */
export function formatVersionlockFile(entries: readonly LockEntry[]): string {
  const blocks = entries.map(({ name, comment, conditions }) =>
    [
      table('packages', { name, ...(comment === '' ? {} : { comment }) }),
      ...conditions.map(({ key, comparator, value }) => table('packages.conditions', { key, comparator, value })),
    ].join('\n'),
  );
  return ['version = "1.0"\n', ...blocks, ''].join('\n');
}

function table(name: string, values: Readonly<Record<string, string>>): string {
  const lines = Object.entries(values).map(([key, value]) => `${key} = ${basicString(value)}\n`);
  return `[[${name}]]\n${lines.join('')}`;
}

/** TOML's basic strings are JSON's, but for DEL. */
function basicString(value: string): string {
  return JSON.stringify(value).replaceAll('\u007f', '\\u007f');
}

/** The entry that locks a package to exactly this version. */
export function exactEntry(name: string, version: string, comment: string): LockEntry {
  return { name, comment, conditions: [{ key: 'evr', comparator: '=', value: version }], fault: null };
}

/** An entry as a lock: its version is what it says of `evr` and all else, where that is more than one exact version. */
export function lockOf({ name, conditions }: LockEntry): Lock {
  const [only, ...others] = conditions.filter(({ key, comparator }) => key !== 'arch' || !isEqual(comparator));
  const exact = only?.key === 'evr' && others.length === 0 ? only : null;
  const said = conditions.map(({ key, comparator, value }) => `${key} ${comparator} ${value}`).join(', ');
  const same = exact !== null && isEqual(exact.comparator);
  const excludes = exact !== null && ['!=', '<>'].includes(exact.comparator);
  return {
    name,
    version: exact !== null && (same || excludes) ? withoutZeroEpoch(exact.value) : said,
    line: `${name} ${said}`,
    source: VERSIONLOCK_FILE,
    excludes,
  };
}

function isEqual(comparator: string): boolean {
  return comparator === '=' || comparator === '==';
}

function withoutZeroEpoch(version: string): string {
  return version.replace(/^0:/, '');
}
