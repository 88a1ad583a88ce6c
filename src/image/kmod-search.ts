import { CHILDREN, OFFSET, PREFIX, rootOfIndex, VALUES } from './kmod-index.ts';

/** A place in the trie: the bits and offset of a node, what leads to it, and whether a wildcard does. */
interface Place {
  readonly node: number;
  readonly key: string;
  readonly wild: boolean;
}

const WILDCARD = /[*?[\\]/;

/**
 * The pairs of a kmod index whose key, a pattern, begins as `text` does up to its first wildcard: all that can match it,
 * and some that do not. Only these branches are walked, of some 26,000 keys that a distribution's kernel has.
 * What lies outside the file is passed over: `walkKmodIndex` tells of it.
 */
export function searchKmodIndex(bytes: Uint8Array, text: string): (readonly [pattern: string, value: string])[] {
  const root = rootOfIndex(bytes);
  if (root === null) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: [string, string][] = [];
  const seen = new Set<number>();
  const open: Place[] = [{ node: root, key: '', wild: false }];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const offset = place.node & OFFSET;
    if (seen.has(offset)) continue;
    seen.add(offset);
    open.push(...readNode(bytes, view, place, text, found));
  }
  return found;
}

/** Takes the values of one node, and gives its children that may lead on. */
function readNode(
  bytes: Uint8Array,
  view: DataView,
  { node, key, wild }: Place,
  text: string,
  found: [string, string][],
): readonly Place[] {
  let at = node & OFFSET;
  let here: Omit<Place, 'node'> = { key, wild };
  if (node & PREFIX) {
    const prefix = stringAt(bytes, at);
    if (prefix === null) return [];
    here = extend(here, prefix);
    if (!leadsOn(here, text)) return [];
    at += prefix.length + 1;
  }
  const children: Place[] = [];
  if (node & CHILDREN) {
    if (at + 2 > bytes.length) return [];
    const first = view.getUint8(at);
    const last = view.getUint8(at + 1);
    at += 2;
    for (let char = first; char <= last; char++, at += 4) {
      if (at + 4 > bytes.length) return children;
      const child = view.getUint32(at);
      const next = (child & OFFSET) === 0 ? null : extend(here, String.fromCharCode(char));
      if (next !== null && leadsOn(next, text)) children.push({ node: child, ...next });
    }
  }
  if (node & VALUES && at + 4 <= bytes.length) {
    const count = view.getUint32(at);
    at += 4;
    for (let i = 0; i < count; i++) {
      const value = stringAt(bytes, at + 4);
      if (value === null) break;
      found.push([here.key, value]);
      at += 4 + value.length + 1;
    }
  }
  return children;
}

function extend({ key, wild }: Omit<Place, 'node'>, more: string): Omit<Place, 'node'> {
  return { key: key + more, wild: wild || WILDCARD.test(more) };
}

function leadsOn({ key, wild }: Omit<Place, 'node'>, text: string): boolean {
  if (!wild) return text.startsWith(key);
  return text.startsWith(key.slice(0, key.search(WILDCARD)));
}

function stringAt(bytes: Uint8Array, at: number): string | null {
  const end = at <= bytes.length ? bytes.indexOf(0, at) : -1;
  return end === -1 ? null : Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at).toString('latin1');
}
