import type { Word } from './grub-tokens.ts';

export type Variables = ReadonlyMap<string, string>;

/** Characters that a command has at most with its variables expanded: the kernel takes some 4 KiB of them. */
export const MOST_EXPANDED = 16 * 1024;

/** A command that grows without bounds, as one does whose variables are made of themselves. */
export class TooLong extends Error {
  constructor() {
    super(`a command in it grows to more than ${MOST_EXPANDED / 1024} KiB`);
  }
}

/**
 * Expands the variables of a command's words, splitting what is not quoted at blanks, as GRUB does. Names of variables
 * without a value are handed to `missing`; they expand to nothing.
 * @throws TooLong
 */
export function expandWords(words: readonly Word[], variables: Variables, missing?: (name: string) => void): string[] {
  let length = 0;
  return words.flatMap((word) => {
    const out: string[] = [];
    let current: string | null = null;
    for (const part of word) {
      if (part.variable === undefined) {
        current = (current ?? '') + (part.text ?? '');
        continue;
      }
      const value = variables.get(part.variable);
      length += value?.length ?? 0;
      if (length > MOST_EXPANDED) throw new TooLong();
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
