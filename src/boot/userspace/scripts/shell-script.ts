import { CutOff, NotUnderstood, ShellLexer, type Token } from './shell-lexer.ts';

/** One simple command of a script: its words as written, assignments before it left out. */
export interface Command {
  readonly words: readonly string[];
  /** Run whenever what it stands in is run: behind no condition, in no loop. */
  readonly certain: boolean;
}

/** A shell script, as far as what it calls is concerned. */
export interface Script {
  /** It ends in the middle of something: what stands before that is told. */
  readonly cutOff: boolean;
  readonly commands: readonly Command[];
  /** What each calls; where there are several of a name, all that any of them does. */
  readonly functions: ReadonlyMap<string, readonly Command[]>;
}

/** Where a shell expects a command these words are none. */
const CLOSING = new Set(['then', 'elif', 'else', 'fi', 'do', 'done', 'esac', '}']);
const REDIRECTIONS = new Set(['<', '>', '>>', '<&', '>&', '<>', '>|', '&>']);
const ASSIGNMENT = /^[A-Za-z_]\w*\+?=/;

/** A script's text as a shell takes it: NUL bytes are passed over, and a file of zeros is an empty one. */
export const withoutNuls = (text: string): string => text.replaceAll('\0', '');

/** Reads a script as a POSIX shell does; null where it is written in a way that is not known here. */
export function readScript(text: string): Script | null {
  const reader = new Reader(new ShellLexer(text));
  try {
    reader.read();
    return reader.script(false);
  } catch (error) {
    if (error instanceof CutOff) return reader.script(true);
    if (error instanceof NotUnderstood) return null;
    throw error;
  }
}

class Reader {
  readonly #lexer: ShellLexer;
  readonly #functions = new Map<string, readonly Command[]>();
  readonly #commands: Command[] = [];
  #found = this.#commands;

  constructor(lexer: ShellLexer) {
    this.#lexer = lexer;
  }

  read(): void {
    this.#list(true);
    const rest = this.#lexer.next();
    if (rest.text !== '') throw new NotUnderstood(rest.text);
  }

  script(cutOff: boolean): Script {
    return { cutOff, commands: this.#commands, functions: this.#functions };
  }

  /** Commands up to what closes them, which is left for the caller. */
  #list(certain: boolean): void {
    for (;;) {
      const token = this.#lexer.peek();
      if (isOperator(token, '\n', ';', '&')) this.#lexer.next();
      else if (isOperator(token, '', ')', ';;', ';&', ';;&') || (token.kind === 'word' && CLOSING.has(token.text)))
        return;
      else this.#andOr(certain);
    }
  }

  #andOr(certain: boolean): void {
    this.#command(certain);
    for (let first = true; ; first = false) {
      const token = this.#lexer.peek();
      if (isOperator(token, '|')) {
        this.#lexer.next();
        this.#skipNewlines();
        this.#command(certain && first);
      } else if (isOperator(token, '&&', '||')) {
        this.#lexer.next();
        this.#skipNewlines();
        this.#command(false);
      } else return;
    }
  }

  #command(certain: boolean): void {
    const token = this.#lexer.next();
    if (token.kind === 'operator') {
      if (token.text === '') throw new CutOff('a command is missing');
      if (REDIRECTIONS.has(token.text) || token.text.startsWith('<<')) this.#simple([], token, certain);
      else if (token.text === '(') {
        this.#list(certain);
        this.#expect(')');
        this.#redirections();
      } else throw new NotUnderstood(token.text);
      return;
    }
    if (!this.#compound(token.text, certain)) this.#simple([token.text], null, certain);
  }

  /** Whether the word began a compound command, which has then been read. */
  #compound(word: string, certain: boolean): boolean {
    switch (word) {
      case '!':
        this.#command(certain);
        return true;
      case '{':
        this.#list(certain);
        this.#expect('}');
        break;
      case 'if':
        this.#list(certain);
        for (let next = this.#expect('then'); next !== 'fi';) {
          this.#list(false);
          next = next === 'else' ? this.#expect('fi') : this.#expect('elif', 'else', 'fi', 'then');
        }
        break;
      case 'while':
      case 'until':
        this.#list(certain);
        this.#loop();
        break;
      case 'for':
        this.#skipTo('do');
        this.#list(false);
        this.#expect('done');
        break;
      case 'case':
        this.#cases();
        break;
      default:
        return false;
    }
    this.#redirections();
    return true;
  }

  #loop(): void {
    this.#expect('do');
    this.#list(false);
    this.#expect('done');
  }

  #cases(): void {
    this.#skipTo('in');
    for (;;) {
      this.#skipNewlines();
      const token = this.#lexer.next();
      if (token.text === '') throw new CutOff('a case lacks its esac');
      if (token.kind === 'word' && token.text === 'esac') return;
      if (isOperator(token, ';;', ';&', ';;&', ')', '|', '(')) {
        if (token.text === ')') this.#list(false);
        continue;
      }
      if (token.kind === 'operator') throw new NotUnderstood(token.text);
    }
  }

  /** A simple command, or the definition of a function. */
  #simple(words: string[], redirection: Token | null, certain: boolean): void {
    let open = redirection;
    for (;;) {
      if (open !== null) {
        // A here-document's delimiter is read with its operator.
        if (!open.text.startsWith('<<') && this.#lexer.next().kind !== 'word') throw new CutOff('a file is missing');
        open = null;
      }
      const token = this.#lexer.peek();
      if (token.kind === 'word') {
        words.push(token.text);
        this.#lexer.next();
      } else if (REDIRECTIONS.has(token.text) || token.text.startsWith('<<')) open = this.#lexer.next();
      else if (token.text === '(' && words.length === 1 && !ASSIGNMENT.test(words[0] ?? '')) {
        this.#function(words[0] ?? '');
        return;
      } else if (token.text === '(') throw new NotUnderstood('an array');
      else break;
    }
    const called = words.slice(words.findIndex((word) => !ASSIGNMENT.test(word)));
    if (words.some((word) => !ASSIGNMENT.test(word))) this.#found.push({ words: called, certain });
  }

  #function(name: string): void {
    this.#lexer.next();
    this.#expect(')');
    this.#skipNewlines();
    const outside = this.#found;
    this.#found = [];
    this.#command(true);
    this.#functions.set(name, [...(this.#functions.get(name) ?? []), ...this.#found]);
    this.#found = outside;
  }

  #redirections(): void {
    for (let token = this.#lexer.peek(); ; token = this.#lexer.peek()) {
      if (token.kind !== 'operator' || !(REDIRECTIONS.has(token.text) || token.text.startsWith('<<'))) return;
      this.#lexer.next();
      if (!token.text.startsWith('<<')) this.#lexer.next();
    }
  }

  #skipNewlines(): void {
    while (isOperator(this.#lexer.peek(), '\n')) this.#lexer.next();
  }

  #skipTo(word: string): void {
    for (let token = this.#lexer.next(); token.text !== word; token = this.#lexer.next())
      if (token.text === '') throw new CutOff(`${word} is missing`);
  }

  #expect(...words: readonly string[]): string {
    const { text } = this.#lexer.next();
    if (text === '') throw new CutOff(`${words.join(' or ')} is missing`);
    if (!words.includes(text)) throw new NotUnderstood(text);
    return text;
  }
}

function isOperator(token: Token, ...texts: readonly string[]): boolean {
  return token.kind === 'operator' && texts.includes(token.text);
}
