/** The words of GRUB's script language: quotes, escapes, variables, comments. */

/** A literal piece or a variable of a word; what is not quoted is split at blanks after expansion. */
export interface WordPart {
  readonly quoted: boolean;
  readonly text?: string;
  readonly variable?: string;
}
export type Word = readonly WordPart[];

/** A word, with its text where no quote or variable is in it; or the end of a command. */
export type Token = { readonly word: Word; readonly bare: string | null; readonly line: number } | 'end';

const NAME = /^[A-Za-z_]\w*/;

/** `$name`, `${name}`, `$1`, `$?`: its name and length; null where the dollar stands for itself. */
function variableAt(text: string, at: number): { name: string; length: number } | null {
  if (text[at + 1] === '{') {
    const close = text.indexOf('}', at);
    return close === -1 ? null : { name: text.slice(at + 2, close), length: close + 1 - at };
  }
  const name = NAME.exec(text.slice(at + 1, at + 129))?.[0] ?? /^[0-9?@#*]/.exec(text.slice(at + 1, at + 2))?.[0];
  return name === undefined ? null : { name, length: name.length + 1 };
}

/** Splits a script into words and statement ends. */
export function tokenize(script: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let at = 0;
  let parts: WordPart[] = [];
  let literal = '';
  let inWord = false;
  let bare: string | null = '';

  const flushLiteral = (quoted: boolean): void => {
    if (literal !== '' || quoted) parts.push({ quoted, text: literal });
    literal = '';
  };
  const endWord = (): void => {
    if (!inWord) return;
    flushLiteral(false);
    tokens.push({ word: parts, bare, line });
    [parts, inWord, bare] = [[], false, ''];
  };
  const variable = (quoted: boolean): boolean => {
    const found = variableAt(script, at);
    if (found === null) return false;
    flushLiteral(quoted && literal !== '');
    parts.push({ quoted, variable: found.name });
    at += found.length;
    bare = null;
    return true;
  };
  const singleQuoted = (): void => {
    const close = script.indexOf("'", at + 1);
    const end = close === -1 ? script.length : close;
    flushLiteral(false);
    parts.push({ quoted: true, text: script.slice(at + 1, end) });
    line += script.slice(at, end).split('\n').length - 1;
    at = end + 1;
  };
  const doubleQuoted = (): void => {
    flushLiteral(false);
    at += 1;
    while (at < script.length && script[at] !== '"') {
      const char = script[at] ?? '';
      if (char === '$' && variable(true)) continue;
      if (char === '\\' && /[\\"$]/.test(script[at + 1] ?? '')) at += 1;
      if (char === '\n') line += 1;
      literal += script[at] ?? '';
      at += 1;
    }
    flushLiteral(true);
    at += 1;
  };

  while (at < script.length) {
    const char = script[at] ?? '';
    if (char === '\\' && script[at + 1] === '\n') {
      line += 1;
      at += 2;
    } else if (char === '\n' || char === ';') {
      endWord();
      tokens.push('end');
      if (char === '\n') line += 1;
      at += 1;
    } else if (char === ' ' || char === '\t' || char === '\r') {
      endWord();
      at += 1;
    } else if (char === '#' && !inWord) {
      while (at < script.length && script[at] !== '\n') at += 1;
    } else {
      inWord = true;
      if (char === "'") {
        bare = null;
        singleQuoted();
      } else if (char === '"') {
        bare = null;
        doubleQuoted();
      } else if (char !== '$' || !variable(false)) {
        if (char === '\\') at += 1;
        literal += script[at] ?? '';
        if (bare !== null) bare += script[at] ?? '';
        at += 1;
      }
    }
  }
  endWord();
  tokens.push('end');
  return tokens;
}
