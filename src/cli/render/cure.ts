import { wrap } from './style.ts';

/** A cure in parts: prose, and the commands in it, each to be copied. */
export interface CurePart {
  readonly text: string;
  readonly isCommand: boolean;
}

/** Tells prose and commands apart: what a rule puts in backquotes is a command if it has two words or more, else a name. */
export function cureParts(cure: string): readonly CurePart[] {
  const parts: CurePart[] = [];
  let prose = '';
  for (const [index, part] of cure.split('`').entries()) {
    const isCommand = index % 2 === 1 && part.includes(' ');
    if (!isCommand) {
      prose += part;
      continue;
    }
    parts.push({ text: prose, isCommand: false }, { text: part, isCommand });
    prose = '';
  }
  return [...parts, { text: prose, isCommand: false }];
}

/** The parts between two semicolons. */
export function clausesOf(parts: readonly CurePart[]): readonly (readonly CurePart[])[] {
  const clauses: CurePart[][] = [[]];
  for (const part of parts) {
    const [first = '', ...more] = part.isCommand ? [part.text] : part.text.split(/;\s*/);
    clauses.at(-1)?.push({ ...part, text: first });
    for (const text of more) clauses.push([{ ...part, text }]);
  }
  return clauses;
}

/** A clause that ends as a sentence does. */
export function endClause(clause: readonly CurePart[]): readonly CurePart[] {
  const last = clause.at(-1);
  if (last === undefined || last.isCommand || last.text === '') return clause;
  return [...clause.slice(0, -1), { ...last, text: `${last.text.replace(/[.\s]*$/, '')}.` }];
}

/**
 * A cure as lines of at most `width` columns: prose wrapped, each command on lines of its own, continued by a backslash
 * where it is long, so that it can be copied as it stands.
 */
export function cureLines(parts: readonly CurePart[], width: number): readonly string[] {
  return parts.flatMap(({ text, isCommand }, index) => {
    if (isCommand) return commandLines(text, width - 2).map((line) => `  ${line}`);
    // What joined it to the command before, or opened a bracket for the one behind, has nothing to join now.
    const behind = index === 0 ? text : text.replace(/^[\s,;.)]+/, '');
    return wrap(behind.replace(/[\s(]+$/, ''), width);
  });
}

/** A quoted word is kept whole: in either quotes, or with a sign behind a backslash. */
const SHELL_WORD = /(?:\\.|[^\s"'\\]|"[^"]*"|'[^']*')+/g;

/** The words of a command, as they are typed. */
export function typedWords(command: string): readonly string[] {
  return command.match(SHELL_WORD) ?? [];
}

/** Breaks a command between its words. */
export function commandLines(command: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of typedWords(command)) {
    if (line !== '' && line.length + 1 + word.length > width - 2) {
      lines.push(`${line} \\`);
      line = `  ${word}`;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}
