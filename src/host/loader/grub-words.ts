import type { Word } from './grub-tokens.ts';

export type Variables = ReadonlyMap<string, string>;

/**
 * Expands the variables of a command's words, splitting what is not quoted at blanks, as GRUB does. Names of variables
 * without a value are handed to `missing`; they expand to nothing.
 */
export function expandWords(words: readonly Word[], variables: Variables, missing?: (name: string) => void): string[] {
  return words.flatMap((word) => {
    const out: string[] = [];
    let current: string | null = null;
    for (const part of word) {
      if (part.variable === undefined) {
        current = (current ?? '') + (part.text ?? '');
        continue;
      }
      const value = variables.get(part.variable);
      if (value === undefined) missing?.(part.variable);
      if (part.quoted) {
        current = (current ?? '') + (value ?? '');
        continue;
      }
      const pieces: string[] = (value ?? '').split(/[ \t\n]+/);
      pieces.forEach((piece, index) => {
        if (index > 0 && current !== null) {
          if (current !== '') out.push(current);
          current = null;
        }
        if (piece !== '') current = (current ?? '') + piece;
      });
    }
    if (current !== null) out.push(current);
    return out;
  });
}
