import type { ImageTree } from '../../image/types.ts';
import type { CommandLine } from '../types.ts';

/** `ConditionPathExists=|!/path` and its like, in systemd.unit(5). */
export interface Condition {
  /** What stands behind `Condition`. */
  readonly kind: string;
  /** `|`: of all such, one has to hold. */
  readonly isTrigger: boolean;
  readonly isNegated: boolean;
  readonly value: string;
}

/** Folders whose content in the image is what systemd finds: nothing adds to them before units are started. */
const SETTLED = /^\/(?:usr|etc|lib|lib64|bin|sbin|var\/lib\/dracut)\//;

/** A unit's conditions, from its settings by `Section.Key`. */
export function conditionsOf(settings: ReadonlyMap<string, readonly string[]>): readonly Condition[] {
  return [...settings].flatMap(([key, values]) => {
    const kind = /^Unit\.Condition(\w+)$/.exec(key)?.[1];
    return kind === undefined ? [] : values.map((value) => parse(kind, value));
  });
}

function parse(kind: string, text: string): Condition {
  const [, trigger = '', negation = '', value = ''] = /^(\|?)\s*(!?)\s*(.*)$/.exec(text) ?? [];
  return { kind, isTrigger: trigger !== '', isNegated: negation !== '', value };
}

/**
 * Whether systemd may run a unit's commands, as far as image and command line tell. A condition that cannot be told from
 * them counts as one that holds; but of several triggers those that can be told decide.
 */
export function mayRun(conditions: readonly Condition[], tree: ImageTree, cmdline: CommandLine | null): boolean {
  const told = (isTrigger: boolean): readonly (boolean | null)[] =>
    conditions.filter((condition) => condition.isTrigger === isTrigger).map((each) => holdsIn(each, tree, cmdline));
  const triggers = told(true);
  return !told(false).includes(false) && (triggers.includes(true) || triggers.every((holds) => holds === null));
}

/** Null: not known. */
function holdsIn({ kind, isNegated, value }: Condition, tree: ImageTree, cmdline: CommandLine | null): boolean | null {
  const plain = isSo(kind, value, tree, cmdline);
  return plain === null ? null : plain !== isNegated;
}

function isSo(kind: string, value: string, tree: ImageTree, cmdline: CommandLine | null): boolean | null {
  if (kind === 'KernelCommandLine') return cmdline === null ? null : isWord(value, cmdline);
  if (!SETTLED.test(value) || value.includes('%')) return null;
  switch (kind) {
    case 'PathExists':
      return tree.resolve(value).found;
    case 'PathExistsGlob':
      return matchesAny(value, tree);
    case 'DirectoryNotEmpty':
      return holdsAnything(value, tree);
    default:
      return null;
  }
}

/** `resume`, with or without a value, or `rd.break=cmdline`, exactly. */
function isWord(value: string, { words }: CommandLine): boolean {
  return words.some(
    (word) => value === (word.value === null ? word.key : `${word.key}=${word.value}`) || value === word.key,
  );
}

function holdsAnything(path: string, tree: ImageTree): boolean {
  const at = tree.resolve(path);
  if (!at.found || at.entry.type !== 'directory') return false;
  const below = `${at.entry.path}/`;
  for (const other of tree.entries.keys()) if (other.startsWith(below)) return true;
  return false;
}

/** `*` and `?` in the last part of the path; null for other patterns. */
function matchesAny(pattern: string, tree: ImageTree): boolean | null {
  const slash = pattern.lastIndexOf('/');
  const [folder, name] = [pattern.slice(0, slash), pattern.slice(slash + 1)];
  if (/[*?[{]/.test(folder) || /[[{]/.test(name)) return null;
  const at = tree.resolve(folder);
  if (!at.found) return false;
  const wanted = new RegExp(
    `^${name
      .replace(/[.+^$()|\\]/g, '\\$&')
      .replace(/\*/g, '[^/]*')
      .replace(/\?/g, '[^/]')}$`,
  );
  const below = `${at.entry.path}/`;
  for (const other of tree.entries.keys())
    if (other.startsWith(below) && wanted.test(other.slice(below.length))) return true;
  return false;
}
