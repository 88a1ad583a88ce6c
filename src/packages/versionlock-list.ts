/** The lock files of dnf 4 and yum 3: one lock a line, `!` excludes, `#` begins a comment. */
import { fileReplacement } from './file-replacement.ts';
import { patternMatches } from './name-pattern.ts';
import { formatEvr, parseEvr } from '../versions/rpm-versions.ts';
import type { Lock, LockPlan, Package, PlannedCommand } from './types.ts';

/** How a lock is written: dnf's `kernel-core-0:4.18.0-348.el8.*`, yum's `0:kernel-3.10.0-1062.el7.*`. */
export type LockStyle = 'dnf' | 'yum';

/** A lock file as it was read. */
export interface LockList {
  readonly path: string;
  readonly text: string;
  readonly style: LockStyle;
}

const ARCH = /\.(?:\*|noarch|x86_64|i[3-6]86|aarch64|armv7hl|ppc64|ppc64le|s390x?|riscv64)$/;
const FORMS: Readonly<Record<LockStyle, RegExp>> = {
  dnf: /^(?<name>.+)-(?:(?<epoch>[^:\s]*):)?(?<version>[^-\s]+)-(?<release>[^-\s]+)$/,
  yum: /^(?:(?<epoch>[^:\s]*):)?(?<name>.+)-(?<version>[^-\s]+)-(?<release>[^-\s]+)$/,
};
/** What the tools, and a rewrite, write above their own entries. */
const OWN_COMMENT = /^# Added (?:locks?|excludes?) (?:on|by) /;

/** Every lock in the file, as the plugin reads it. What has no version and release locks any: `*`. */
export function parseLocks({ path, text, style }: LockList): readonly Lock[] {
  return text.split('\n').flatMap((raw) => {
    const line = raw.trim();
    if (line === '' || raw.startsWith('#')) return [];
    const excludes = line.startsWith('!');
    const spec = excludes ? line.slice(1) : line;
    const { name, epoch, version, release } = FORMS[style].exec(spec)?.groups ?? {};
    if (name === undefined || version === undefined || release === undefined)
      return [{ name: spec, version: '*', line, source: path, excludes }];
    const before = epoch === undefined || /^0*$/.test(epoch) ? '' : `${epoch}:`;
    return [{ name, version: `${before}${version}-${release.replace(ARCH, '')}`, line, source: path, excludes }];
  });
}

/** The lock on exactly this version, in any architecture, as the tool itself writes it. */
export function exactLock({ path, style }: LockList, { name, version }: Package): Lock {
  const evr = parseEvr(version);
  const bare = formatEvr({ ...evr, epoch: 0 });
  const line = style === 'dnf' ? `${name}-${evr.epoch}:${bare}.*` : `${evr.epoch}:${name}-${bare}.*`;
  return { name, version: formatEvr(evr), line, source: path, excludes: false };
}

/**
 * From the locks as they stand to exactly `wanted`. What is only added, the tool adds. Where something goes in the same
 * step the file is written at once: the tools' own `delete` drops every comment in it and takes locks that merely begin
 * alike, and between a `delete` and an `add` nothing would be locked.
 * @param add the tool's command for these locks
 */
export function planListLock(
  list: LockList,
  standing: readonly Lock[],
  wanted: readonly Package[],
  exclusive: boolean,
  add: (locks: readonly Lock[]) => PlannedCommand,
): LockPlan {
  const locks = new Map(wanted.map((each) => exactLock(list, each)).map((lock) => [lock.line, lock]));
  const asked = [...locks.values()];
  // One by a pattern that pins the same version is not in the way.
  const isAsked = (lock: Lock): boolean =>
    asked.some((each) => patternMatches(lock.name, each.name) && lock.version === each.version && !lock.excludes);
  const isConcerned = (lock: Lock): boolean => asked.some(({ name }) => patternMatches(lock.name, name));
  const remove = exclusive ? standing.filter((lock) => isConcerned(lock) && !isAsked(lock)) : [];
  const added = asked.filter((lock) => !standing.some((each) => pinsAlike(each, lock)));
  const left = parseLocks(list).filter(({ line }) => !remove.some((lock) => lock.line === line));
  if (remove.length > 0 || added.some((lock) => left.some((each) => hides(each, lock))))
    return { remove, add: added, commands: [rewrite(list, remove, added)] };
  return { remove, add: added, commands: added.length === 0 ? [] : [add(added)] };
}

/** Removing these locks and no others; comments stay. */
export function planListUnlock(list: LockList, locks: readonly Lock[]): LockPlan {
  return { remove: locks, add: [], commands: locks.length === 0 ? [] : [rewrite(list, locks, [])] };
}

/** The same package in the same version: neither forbids it. */
function pinsAlike(one: Lock, other: Lock): boolean {
  return one.name === other.name && one.version === other.version && !one.excludes && !other.excludes;
}

/**
 * dnf takes what it is to add for a pattern, whose `.*` at the end also fits a longer release: `348.el8.*` is "already
 * locked" where `348.el8.1.*` is, it says so, and ends with 0.
 */
function hides(standing: Lock, added: Lock): boolean {
  return standing.name === added.name && standing.line.replace(/^!/, '').startsWith(added.line.slice(0, -1));
}

function rewrite(list: LockList, remove: readonly Lock[], add: readonly Lock[]): PlannedCommand {
  const gone = new Set(remove.map(({ line }) => line));
  const kept = withoutEntries(list.text.split('\n'), gone).join('\n').replace(/\n*$/, '\n').replace(/^\n$/, '');
  const added = add.length === 0 ? '' : `\n# Added locks by bellwether\n${add.map(({ line }) => `${line}\n`).join('')}`;
  return {
    action: add.length > 0 ? 'lock' : 'unlock',
    what: (add.length > 0 ? add : remove).map(({ line }) => line).join(' '),
    command: fileReplacement(list.path),
    input: kept + added,
  };
}

/** The lines without these entries, and without the tool's own comment above them where nothing is left below it. */
function withoutEntries(lines: readonly string[], gone: ReadonlySet<string>): readonly string[] {
  const kept: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (gone.has(line.trim())) continue;
    if (!OWN_COMMENT.test(line)) {
      kept.push(line);
      continue;
    }
    const rest = lines.slice(index + 1);
    const end = rest.findIndex((each) => each.trim() === '' || each.startsWith('#'));
    const below = end === -1 ? rest : rest.slice(0, end);
    if (below.length === 0 || below.some((each) => !gone.has(each.trim()))) kept.push(line);
    else if (kept[kept.length - 1] === '') kept.pop();
  }
  return kept;
}
