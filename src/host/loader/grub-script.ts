/**
 * The part of GRUB's script language that menu generators write, as a syntax tree: commands, blocks, `if`. Functions and
 * loops are read over. https://www.gnu.org/software/grub/manual/grub/html_node/Shell_002dlike-scripting.html
 */

/** A literal piece or a variable of a word; what is not quoted is split at blanks after expansion. */
export interface WordPart {
  readonly quoted: boolean;
  readonly text?: string;
  readonly variable?: string;
}
export type Word = readonly WordPart[];

export type Statement =
  | {
      readonly kind: 'command';
      readonly words: readonly Word[];
      readonly block: readonly Statement[] | null;
      /** Counted from 1. */
      readonly line: number;
    }
  | { readonly kind: 'if'; readonly branches: readonly Branch[]; readonly otherwise: readonly Statement[] };

export interface Branch {
  readonly condition: readonly Statement[];
  readonly body: readonly Statement[];
}

type Token = { readonly word: Word; readonly bare: string | null; readonly line: number } | 'end';

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
function tokenize(script: string): Token[] {
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

const MAX_DEPTH = 64;

/** Parses a script. Never throws: what does not fit the language is taken as a command of that name. */
export function parseGrubScript(script: string): Statement[] {
  const tokens = tokenize(script);
  let at = 0;
  const bareAt = (index: number): string | null => {
    const token = tokens[index];
    return token === undefined || token === 'end' ? null : token.bare;
  };

  /** Statements up to one that starts with a word of `stops`, which is left to be read. */
  function statements(stops: readonly string[], depth: number): Statement[] {
    const found: Statement[] = [];
    while (at < tokens.length) {
      const token = tokens[at];
      if (token === undefined || token === 'end') {
        at += 1;
        continue;
      }
      if (token.bare !== null && stops.includes(token.bare)) return found;
      const statement = parseStatement(token, depth);
      if (statement !== null) found.push(statement);
    }
    return found;
  }

  function parseStatement(token: Exclude<Token, 'end'>, depth: number): Statement | null {
    if (depth > MAX_DEPTH) {
      at = tokens.length;
      return null;
    }
    switch (token.bare) {
      case 'if':
        at += 1;
        return parseIf(depth);
      case 'for':
      case 'while':
      case 'until':
        at += 1;
        statements(['done'], depth + 1);
        at += 1;
        return null;
      case 'function':
        at += 1;
        command(depth);
        return null;
      case '}':
      case 'fi':
      case 'then':
      case 'done':
      case 'do':
        at += 1; // one too many: GRUB would refuse the script, a reader goes on
        return null;
      default:
        return command(depth);
    }
  }

  function parseIf(depth: number): Statement {
    const branches: Branch[] = [];
    let otherwise: Statement[] = [];
    for (;;) {
      const condition = statements(['then', 'fi'], depth + 1);
      if (bareAt(at) === 'then') at += 1;
      branches.push({ condition, body: statements(['elif', 'else', 'fi'], depth + 1) });
      const next = bareAt(at);
      at += 1;
      if (next === 'elif') continue;
      if (next === 'else') {
        otherwise = statements(['fi'], depth + 1);
        at += 1;
      }
      return { kind: 'if', branches, otherwise };
    }
  }

  function command(depth: number): Statement | null {
    const words: Word[] = [];
    let line = 0;
    while (at < tokens.length) {
      const token = tokens[at];
      at += 1;
      if (token === undefined || token === 'end') break;
      if (words.length === 0) line = token.line;
      if (token.bare === '{') {
        const block = statements(['}'], depth + 1);
        at += 1;
        return { kind: 'command', words, block, line };
      }
      if (token.bare === '}') {
        at -= 1; // `{ a; }` on one line: the brace ends the block around
        break;
      }
      words.push(token.word);
    }
    return words.length === 0 ? null : { kind: 'command', words, block: null, line };
  }

  return statements([], 0);
}
