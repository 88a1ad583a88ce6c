/** What JSON.parse takes without a word, and no request is: a key given twice, of which it takes the last, and nesting without end. */
import { BellwetherError } from './errors.ts';

/** Levels of lists and objects: the deepest request has three, and what reads one further goes down a call for each. */
const MAX_DEPTH = 32;
/** Characters of a key that are told: longer than any that is known. */
const SHOWN_KEY = 64;

/** A list or an object that is open where the text is read, and the place in it. */
type Level =
  | { readonly kind: 'list'; index: number }
  /** `key` is null where the next string is one. */
  | { readonly kind: 'object'; readonly keys: Set<string>; key: string | null };

/**
 * Looks at a text that JSON.parse has taken, once from end to end.
 * @throws BellwetherError `bad_request`: a key that an object has twice, by its path from the top; nesting that is too deep
 */
export function refuseJson(text: string): void {
  const open: Level[] = [];
  for (let at = 0; at < text.length; at++) {
    const level = open[open.length - 1];
    switch (text.charAt(at)) {
      case '{':
      case '[':
        if (open.length === MAX_DEPTH) throw tooDeep(open);
        open.push(text[at] === '[' ? { kind: 'list', index: 0 } : { kind: 'object', keys: new Set(), key: null });
        break;
      case '}':
      case ']':
        open.pop();
        break;
      case ',':
        if (level?.kind === 'list') level.index++;
        else if (level !== undefined) level.key = null;
        break;
      case '"': {
        const end = endOfString(text, at);
        if (level?.kind === 'object' && level.key === null) {
          level.key = unescape(text.slice(at, end + 1));
          if (level.keys.has(level.key)) throw givenTwice(open, level.key);
          level.keys.add(level.key);
        }
        at = end;
      }
    }
  }
}

/** @returns where the quote stands that ends the string which begins at `start` */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function unescape(string: string): string {
  return string.includes('\\') ? String(JSON.parse(string)) : string.slice(1, -1);
}

function givenTwice(open: readonly Level[], key: string): BellwetherError {
  const path = pathOf(open);
  return new BellwetherError('bad_request', `"${path}" is given twice`, {
    hint: `give "${shorten(key)}" once: of two nobody can tell which one is meant`,
    at: { path },
  });
}

function tooDeep(open: readonly Level[]): BellwetherError {
  const top = open.slice(0, 1);
  return new BellwetherError('bad_request', `"${pathOf(top)}" is nested deeper than ${MAX_DEPTH} levels`);
}

/** Dotted, from the request's top, as all errors name a key. */
function pathOf(open: readonly Level[]): string {
  return open.map((level) => (level.kind === 'list' ? String(level.index) : shorten(level.key ?? ''))).join('.');
}

function shorten(key: string): string {
  return key.length > SHOWN_KEY ? `${key.slice(0, SHOWN_KEY)}…` : key;
}
