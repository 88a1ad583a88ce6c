/**
 * The part of GRUB's script language that menu generators write, as a syntax tree: commands, blocks, `if`, functions. Loops
 * are read over. https://www.gnu.org/software/grub/manual/grub/html_node/Shell_002dlike-scripting.html
 */

import { tokenize, type Token, type Word } from './grub-tokens.ts';

export type Statement =
  | {
      readonly kind: 'command';
      readonly words: readonly Word[];
      readonly block: readonly Statement[] | null;
      /** Counted from 1. */
      readonly line: number;
    }
  | { readonly kind: 'if'; readonly branches: readonly Branch[]; readonly otherwise: readonly Statement[] }
  | { readonly kind: 'function'; readonly name: string; readonly body: readonly Statement[] };

export interface Branch {
  readonly condition: readonly Statement[];
  readonly body: readonly Statement[];
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
        return functionOf(command(depth));
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

function functionOf(statement: Statement | null): Statement | null {
  if (statement?.kind !== 'command') return null;
  return { kind: 'function', name: firstText(statement), body: statement.block ?? [] };
}

/** The first word of a command as it is written, variables aside. */
export function firstText(statement: Extract<Statement, { kind: 'command' }>): string {
  return statement.words[0]?.map((part) => part.text ?? '').join('') ?? '';
}
