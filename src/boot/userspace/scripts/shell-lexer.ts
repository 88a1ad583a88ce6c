/** The script ends within a word, a quotation or a compound command: it is not all there. */
export class CutOff extends Error {}

/** Written in a way that is not known here. */
export class NotUnderstood extends Error {}

export type Token =
  | { readonly kind: 'word'; readonly text: string }
  /** `;`, `&&`, `(`, `;;`…; a newline is `\n`, the end is empty. */
  | { readonly kind: 'operator'; readonly text: string };

const OPERATORS = [';;&', '<<-', '&&', '||', ';;', ';&', '<<', '>>', '<&', '>&', '<>', '>|', '&>'];
const SINGLE = ';&|()<>';
/** Taken at one go, from where the lexer stands. */
const BLANKS = /(?:[ \t\r]|\\\n|#[^\n]*)+/y;
const PLAIN = /[^ \t\r\n;&|()<>\\'"`$]+/y;
const QUOTED = { '"': /[^"\\`$]+/y, '`': /[^`\\"$]+/y, '}': /[^}\\'"`$]+/y } as const;
const WITHIN_PARENTHESES = /[^()\\'"`$]+/y;

/** Splits a shell script into words and operators (POSIX.1-2017, Shell Command Language, 2.3): quotes stay in the words. */
export class ShellLexer {
  #at = 0;
  #heredocs: { readonly end: string; readonly tabs: boolean }[] = [];
  #ahead: Token | undefined;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  peek(): Token {
    return (this.#ahead ??= this.#read());
  }

  next(): Token {
    const token = this.peek();
    this.#ahead = undefined;
    return token;
  }

  #read(): Token {
    this.#skipBlanks();
    const char = this.#text[this.#at];
    if (char === undefined) {
      if (this.#heredocs.length > 0) throw new CutOff('a here-document has no end');
      return { kind: 'operator', text: '' };
    }
    if (char === '\n') {
      this.#at += 1;
      this.#skipHeredocs();
      return { kind: 'operator', text: '\n' };
    }
    if (!SINGLE.includes(char)) return this.#readWord();
    const long = OPERATORS.find((operator) => this.#text.startsWith(operator, this.#at)) ?? char;
    this.#at += long.length;
    if (long === '<<' || long === '<<-') {
      this.#skipBlanks();
      const { text } = this.#readWord();
      this.#heredocs.push({ end: text.replace(/["'\\]/g, ''), tabs: long === '<<-' });
    }
    return { kind: 'operator', text: long };
  }

  #skipBlanks(): void {
    this.#skipRun(BLANKS);
  }

  #skipRun(run: RegExp): void {
    run.lastIndex = this.#at;
    if (run.test(this.#text)) this.#at = run.lastIndex;
  }

  #skipHeredocs(): void {
    for (const { end, tabs } of this.#heredocs) {
      for (;;) {
        if (this.#at >= this.#text.length) throw new CutOff(`a here-document lacks its ${end}`);
        const stop = this.#text.indexOf('\n', this.#at);
        const line = this.#text.slice(this.#at, stop === -1 ? undefined : stop);
        this.#at = stop === -1 ? this.#text.length : stop + 1;
        if ((tabs ? line.replace(/^\t+/, '') : line) === end) break;
      }
    }
    this.#heredocs = [];
  }

  #readWord(): Token {
    const from = this.#at;
    for (;;) {
      this.#skipRun(PLAIN);
      const char = this.#text[this.#at];
      if (char === undefined || ' \t\r\n'.includes(char) || SINGLE.includes(char)) break;
      this.#skipPart(char);
    }
    const text = this.#text.slice(from, this.#at);
    // `2>&1`: the digit is the redirection's.
    const next = this.#text[this.#at];
    return /^\d+$/.test(text) && (next === '<' || next === '>') ? this.#read() : { kind: 'word', text };
  }

  /** One character of a word, or all that its quotation or expansion takes in. */
  #skipPart(char: string): void {
    this.#at += 1;
    switch (char) {
      case '\\':
        this.#at += 1;
        return;
      case "'":
        this.#skipTo("'");
        return;
      case '`':
        this.#skipUntil('`');
        return;
      case '"':
        this.#skipUntil('"');
        return;
      case '$':
        this.#skipExpansion();
    }
  }

  #skipTo(end: string): void {
    const stop = this.#text.indexOf(end, this.#at);
    if (stop === -1) throw new CutOff(`a quotation lacks its ${end}`);
    this.#at = stop + end.length;
  }

  #skipUntil(end: '"' | '`' | '}'): void {
    for (;;) {
      this.#skipRun(QUOTED[end]);
      const char = this.#text[this.#at];
      if (char === undefined) throw new CutOff(`a quotation lacks its ${end}`);
      if (char === end) {
        this.#at += 1;
        return;
      }
      // Within double quotes an apostrophe is one.
      if (char === "'" && end !== '}') this.#at += 1;
      else this.#skipPart(char);
    }
  }

  /** What follows `$`. */
  #skipExpansion(): void {
    if (this.#text[this.#at] === '{') {
      this.#at += 1;
      this.#skipUntil('}');
    } else if (this.#text[this.#at] === '(') this.#skipParentheses();
  }

  /** `$(…)` and `$((…))`: to the parenthesis that closes it. A `case` within has some that close nothing. */
  #skipParentheses(): void {
    const from = this.#at;
    let depth = 0;
    for (;;) {
      this.#skipRun(WITHIN_PARENTHESES);
      const char = this.#text[this.#at];
      if (char === undefined) {
        if (/\bcase\b/.test(this.#text.slice(from))) throw new NotUnderstood('case in $()');
        throw new CutOff('a command substitution lacks its )');
      }
      if (char === '(') depth += 1;
      if (char === ')') depth -= 1;
      if (char === '(' || char === ')') this.#at += 1;
      else this.#skipPart(char);
      if (depth === 0) return;
    }
  }
}
