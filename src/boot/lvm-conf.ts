/** Settings by path, as `devices/filter`; a value that is none in brackets is a list of one. */
export type LvmSettings = ReadonlyMap<string, readonly string[]>;

/** `broken`: it ends in the middle of something, or holds zeros: LVM then refuses to do anything. */
export type LvmConf = { readonly settings: LvmSettings } | 'broken';

const TOKEN = /\s+|#[^\n]*|"(?:[^"\\]|\\.)*"|'[^']*'|[{}[\]=,]|[^\s#"'{}[\]=,]+/gy;

/** Reads lvm.conf(5) as LVM does; null where it is written in a way that is not known here. */
export function readLvmConf(text: string): LvmConf | null {
  if (text.includes('\0')) return 'broken';
  const tokens = tokensOf(text);
  return tokens === null ? null : new Reader(tokens).read();
}

function tokensOf(text: string): readonly string[] | null {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  let end = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    end = TOKEN.lastIndex;
    if (!/^[\s#]/.test(match[0])) tokens.push(match[0]);
  }
  // What is left begins with a quote that nothing closes.
  return end === text.length ? tokens : null;
}

const isWord = (token: string): boolean => !/^["'{}[\]=,]/.test(token);
const plain = (token: string): string => (/^["']/.test(token) ? token.slice(1, -1) : token).replace(/\\(["\\])/g, '$1');

class Reader {
  readonly #tokens: readonly string[];
  readonly #settings = new Map<string, readonly string[]>();
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  /** Sections nest, and a key may be a path itself; of two values the last counts. */
  read(): LvmConf | null {
    const sections: string[] = [];
    for (let token = this.#next(); token !== undefined; token = this.#next()) {
      if (token === '}') {
        if (sections.pop() === undefined) return null;
        continue;
      }
      if (!isWord(token)) return null;
      const path = [...sections, token].join('/');
      const sign = this.#next();
      if (sign === undefined) return 'broken';
      if (sign === '{') {
        sections.push(token);
        continue;
      }
      const value = sign === '=' ? this.#value() : null;
      if (value === null || value === 'broken') return value;
      this.#settings.set(path, value);
    }
    return sections.length > 0 ? 'broken' : { settings: this.#settings };
  }

  #next(): string | undefined {
    return this.#tokens[this.#at++];
  }

  #value(): readonly string[] | 'broken' | null {
    const first = this.#next();
    if (first === undefined) return 'broken';
    if (first !== '[') return /^[{}\]=,]/.test(first) ? null : [plain(first)];
    const values: string[] = [];
    for (let token = this.#next(); token !== ']'; token = this.#next()) {
      if (token === undefined) return 'broken';
      if (/^[{}[=]/.test(token)) return null;
      if (token !== ',') values.push(plain(token));
    }
    return values;
  }
}
