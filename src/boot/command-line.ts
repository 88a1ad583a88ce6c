import { unreadLoader } from './refused.ts';
import type { BootFacts, CommandLine } from './types.ts';

/**
 * Splits a kernel command line as the kernel does (`next_arg` in lib/cmdline.c): at white space outside double quotes;
 * the first `=` ends the key; quotes round a whole word or round its value are taken off.
 */
export function parseCommandLine(text: string): CommandLine {
  return { text, words: [...splitWords(text)].map(parseWord) };
}

function* splitWords(text: string): Iterable<string> {
  let word = '';
  let quoted = false;
  for (const char of text) {
    if (char === '"') quoted = !quoted;
    if (/\s/.test(char) && !quoted) {
      if (word !== '') yield word;
      word = '';
    } else word += char;
  }
  if (word !== '') yield word;
}

function parseWord(raw: string): { key: string; value: string | null } {
  const word = raw.startsWith('"') ? unquote(raw) : raw;
  const equals = word.indexOf('=');
  if (equals <= 0) return { key: word, value: null };
  return { key: word.slice(0, equals), value: unquote(word.slice(equals + 1)) };
}

function unquote(text: string): string {
  if (!text.startsWith('"')) return text;
  return text.endsWith('"') && text.length > 1 ? text.slice(1, -1) : text.slice(1);
}

/** Every value given to any of the keys, in order; words without a value are left out. */
export function valuesOf(cmdline: CommandLine, ...keys: readonly string[]): readonly string[] {
  return cmdline.words.flatMap(({ key, value }) => (value !== null && keys.includes(key) ? [value] : []));
}

/** The value that counts where a key is given more than once: the last; null where it is not given. */
export function lastValue(cmdline: CommandLine, ...keys: readonly string[]): string | null {
  const values = valuesOf(cmdline, ...keys);
  return values[values.length - 1] ?? null;
}

export function hasWord(cmdline: CommandLine, key: string): boolean {
  return cmdline.words.some((word) => word.key === key);
}

/** A switch as dracut's `getargbool` reads it: the bare word is on; `0`, `no` and `off` are off; the last word counts. */
export function isOn(cmdline: CommandLine, key: string, otherwise: boolean): boolean {
  const given = cmdline.words.filter((word) => word.key === key);
  const last = given[given.length - 1];
  if (last === undefined) return otherwise;
  return last.value === null || !['0', 'no', 'off'].includes(last.value);
}

/**
 * Whether `root=` names a disk. NFS, iSCSI, live images, ZFS, virtiofs and the like are no block devices; fstab and gpt-auto
 * are looked up at boot.
 */
export function namesDisk(root: string | null): boolean {
  return (
    root !== null &&
    /^(block:)?(UUID=|LABEL=|PARTUUID=|PARTLABEL=|\/dev\/)/i.test(root) &&
    !/^\/dev\/(nfs|root|ram\d*|cifs|fd\d+)$/.test(root)
  );
}

/**
 * Why words may be missing from the command line: the entry has variables that only the loader knows, or what the loader goes by
 * could not be read. Null: none may.
 */
export function unexpanded(facts: BootFacts): string | null {
  const { entry } = facts;
  const unread = unreadLoader(facts);
  if (unread !== null) return unread;
  if (entry === null || entry.unresolved.length === 0) return null;
  return `the entry has variables that are not known: ${entry.unresolved.join(', ')}`;
}
