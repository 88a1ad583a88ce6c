/** One word, and whether any of it was quoted. */
export interface ShellWord {
  readonly text: string;
  readonly quoted: boolean;
}

/**
 * Splits a line as a POSIX shell splits what it expands nothing in: single quotes, double quotes and backslashes.
 * https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html#tag_18_02
 * @returns null where a quote is left open: then nothing says where its words end
 */
export function readShellWords(text: string): readonly ShellWord[] | null {
  const words: ShellWord[] = [];
  let word: string | null = null;
  let quoted = false;
  let quote: "'" | '"' | null = null;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    const next = text.charAt(at + 1);
    if (quote === null && /\s/.test(char)) {
      if (word !== null) words.push({ text: word, quoted });
      word = null;
      quoted = false;
    } else if (char === quote) quote = null;
    else if (quote === null && (char === "'" || char === '"')) {
      quote = char;
      quoted = true;
      word ??= '';
    } else if (char === '\\' && (quote === null || (quote === '"' && /["\\$`]/.test(next)))) {
      if (next === '') return null;
      word = (word ?? '') + next;
      at++;
    } else word = (word ?? '') + char;
  }
  if (quote !== null) return null;
  if (word !== null) words.push({ text: word, quoted });
  return words;
}
