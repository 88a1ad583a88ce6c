/** What walking one of kmod's binary indexes gives. */
export interface IndexWalk {
  readonly state: 'empty' | 'bad_magic' | 'truncated' | 'sound';
  /** Offset of the first node that does not hold, where truncated. */
  readonly offset?: number;
  readonly keys: number;
  /** Every key with one of its values; values of one key by priority. */
  readonly pairs: readonly (readonly [key: string, value: string])[];
}

const MAGIC = 0xb007f457;
const MAJOR = 2;
const HEADER = 12;

const PREFIX = 0x80000000;
const VALUES = 0x40000000;
const CHILDREN = 0x20000000;
const OFFSET = 0x0fffffff;

/** A hostile trie can spell out keys far longer than itself: what its keys may hold in all, in bytes, before we stop. */
const KEY_BYTES = 64 << 20;

interface Node {
  readonly at: number;
  readonly key: string;
}

/**
 * Walks a kmod index to its last node.
 * The format is big-endian: magic, version, root; a node is `[prefix NUL] [first last children…] [count (priority value NUL)…]`,
 * each part there where the top bits of the offset that led to it say so (kmod, libkmod/libkmod-index.c).
 */
export function walkKmodIndex(bytes: Uint8Array): IndexWalk {
  if (bytes.length === 0) return { state: 'empty', keys: 0, pairs: [] };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER || view.getUint32(0) !== MAGIC || view.getUint32(4) >>> 16 !== MAJOR)
    return { state: 'bad_magic', keys: 0, pairs: [] };
  const root = view.getUint32(8);
  if (bytes.length === HEADER || (root & OFFSET) === 0) return { state: 'empty', keys: 0, pairs: [] };

  // One string of the whole file: slices of it cost nothing, and positions stay byte offsets.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const pairs: [string, string][] = [];
  // depmod writes each node once: an offset seen twice is a loop, or a trie that unfolds without end.
  const seen = new Set<number>();
  const open: Node[] = [{ at: root, key: '' }];
  let keys = 0;
  let budget = KEY_BYTES;

  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const start = node.at & OFFSET;
    const bad = { state: 'truncated', offset: start, keys, pairs } as const;
    if (seen.has(start) || start < HEADER || start > bytes.length) return bad;
    seen.add(start);
    let at = start;
    let key = node.key;

    if (node.at & PREFIX) {
      const end = text.indexOf('\0', at);
      if (end === -1) return bad;
      key += text.slice(at, end);
      at = end + 1;
    }
    budget -= key.length;
    if (budget < 0) return bad;

    const children: Node[] = [];
    if (node.at & CHILDREN) {
      if (at + 2 > bytes.length) return bad;
      const first = view.getUint8(at);
      const last = view.getUint8(at + 1);
      at += 2;
      if (first > last || at + 4 * (last - first + 1) > bytes.length) return bad;
      for (let char = first; char <= last; char++, at += 4) {
        const child = view.getUint32(at);
        if ((child & OFFSET) !== 0) children.push({ at: child, key: key + String.fromCharCode(char) });
      }
    }

    if (node.at & VALUES) {
      if (at + 4 > bytes.length) return bad;
      const count = view.getUint32(at);
      at += 4;
      const values: { readonly priority: number; readonly value: string }[] = [];
      for (let i = 0; i < count; i++) {
        const end = at + 4 <= bytes.length ? text.indexOf('\0', at + 4) : -1;
        if (end === -1) return bad;
        values.push({ priority: view.getUint32(at), value: text.slice(at + 4, end) });
        at = end + 1;
      }
      if (count > 0) keys++;
      values.sort((a, b) => a.priority - b.priority);
      for (const { value } of values) {
        budget -= key.length;
        if (budget < 0) return bad;
        pairs.push([key, value]);
      }
    }
    for (let i = children.length - 1; i >= 0; i--) {
      const child = children[i];
      if (child !== undefined) open.push(child);
    }
  }
  return { state: keys === 0 ? 'empty' : 'sound', keys, pairs };
}
