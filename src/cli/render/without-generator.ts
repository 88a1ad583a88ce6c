import { clausesOf, endClause, typedWords, type CurePart } from './cure.ts';

/** A cure without the commands that write an image, and these. */
export interface WithoutGenerator {
  readonly kept: readonly CurePart[];
  readonly dropped: readonly string[];
}

const WRITES_IMAGE = /\bIMAGE\b|^update-initramfs /;

/** What of a cure holds where no generator may be run; null where it runs none. */
export function withoutGenerator(parts: readonly CurePart[]): WithoutGenerator | null {
  const dropped = parts.filter(({ text, isCommand }) => isCommand && WRITES_IMAGE.test(text)).map(({ text }) => text);
  if (dropped.length === 0) return null;
  const kept = clausesOf(parts)
    .map(keptOf)
    .filter((clause) => clause.some(({ text }) => text !== '' && !text.includes('initramfs-tools')));
  return { kept: kept.flatMap(endClause), dropped };
}

/** What is said before an image is written, less the word that led over to it. */
function keptOf(clause: readonly CurePart[]): readonly CurePart[] {
  const at = clause.findIndex(({ text, isCommand }) => isCommand && WRITES_IMAGE.test(text));
  if (at === -1) return clause;
  const before = clause.slice(0, at);
  return before.map((part, index) =>
    index === before.length - 1 ? { ...part, text: part.text.replace(/[\s,:(]*(?:\b(?:then|and|or)\s*)?$/, '') } : part,
  );
}

/** The options of dracut(8) that a rule's cure may have, as dracut.conf(5) has them. */
const LISTS: Readonly<Record<string, string>> = {
  '--add-drivers': 'add_drivers',
  '--add': 'add_dracutmodules',
  '--omit': 'omit_dracutmodules',
};
const FLAGS: Readonly<Record<string, string>> = {
  '--hostonly': 'hostonly="yes"',
  '--no-hostonly': 'hostonly="no"',
  '--gzip': 'compress="gzip"',
  '--lz4': 'compress="lz4"',
};

/** What a command of dracut asks for, as lines of its configuration. */
export function dracutSettings(command: string): readonly string[] {
  const words = typedWords(command);
  return words.flatMap((word, index) => {
    const list = LISTS[word];
    if (list !== undefined) return [`${list}+=" ${(words[index + 1] ?? '').replace(/["']/g, '')} "`];
    const compress = /^--compress=(?<value>.*)$/.exec(word)?.groups?.value;
    if (compress !== undefined) return [`compress=${compress}`];
    const flag = FLAGS[word];
    return flag === undefined ? [] : [flag];
  });
}
