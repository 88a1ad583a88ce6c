/** A kernel command line, split as the kernel splits it. */
export interface CommandLineWords {
  readonly text: string;
  /** In order; a word without '=' has value null. Values are without their quotes. */
  readonly words: readonly { readonly key: string; readonly value: string | null }[];
}

/**
 * Splits at white space outside double quotes; quotes round a whole word or round its value are taken off, as
 * `next_arg` of the kernel's lib/cmdline.c does. There is no escape character.
 */
export function parseCommandLine(text: string): CommandLineWords {
  const raw: string[] = [];
  let word = '';
  let quoted = false;
  for (const char of text) {
    if (char === '"') quoted = !quoted;
    if (!quoted && /\s/.test(char)) {
      if (word !== '') raw.push(word);
      word = '';
    } else {
      word += char;
    }
  }
  if (word !== '') raw.push(word);
  return { text, words: raw.map(splitWord) };
}

function splitWord(raw: string): { key: string; value: string | null } {
  const word = raw.startsWith('"') ? raw.slice(1).replace(/"$/, '') : raw;
  const equals = word.indexOf('=');
  if (equals < 1) return { key: word, value: null };
  const value = word.slice(equals + 1);
  return { key: word.slice(0, equals), value: value.startsWith('"') ? value.slice(1).replace(/"$/, '') : value };
}

/** The last value given for a key, as the kernel and dracut take it; null where it is not there. */
export function lastValue(commandLine: CommandLineWords, key: string): string | null {
  return [...commandLine.words].reverse().find((word) => word.key === key)?.value ?? null;
}

/** The last value for a key on each of several command lines, each once. */
export function valuesOf(commandLines: readonly CommandLineWords[], key: string): readonly string[] {
  return [...new Set(commandLines.flatMap((commandLine) => lastValue(commandLine, key) ?? []))];
}
