/** What walking one of kmod's binary indexes gives. */
export interface IndexWalk {
  readonly state: 'empty' | 'bad_magic' | 'truncated' | 'sound';
  /** Offset of the first node that does not hold, where truncated. */
  readonly offset?: number;
  readonly keys: number;
}

/** Takes a key with one of its values; values of one key come by priority. */
export type VisitPair = (key: string, value: string) => void;

const MAGIC = 0xb007f457;
const MAJOR = 2;
const HEADER = 12;

export const PREFIX = 0x80000000;
export const VALUES = 0x40000000;
export const CHILDREN = 0x20000000;
export const OFFSET = 0x0fffffff;

/** No module name or alias comes near. */
const MAX_KEY = 16 << 10;
/** A hostile trie can spell out keys far longer than itself: what its pairs may hold in all, in bytes, before we stop. */
const MAX_PAIRS = 64 << 20;

/** Thrown inside a walk, never out of it: a node that points outside. */
class BadNode extends Error {}

/**
 * Walks a kmod index to its last node, every offset and length checked.
 * The format is big-endian: magic, version, root; a node is `[prefix NUL] [first last children…] [count (priority value NUL)…]`,
 * each part there where the top bits of the offset that led to it say so (kmod, libkmod/libkmod-index.c).
 */
export function walkKmodIndex(bytes: Uint8Array, visit: VisitPair | null = null): IndexWalk {
  if (bytes.length === 0) return { state: 'empty', keys: 0 };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!hasMagic(view)) return { state: 'bad_magic', keys: 0 };
  const root = rootOfIndex(bytes);
  if (root === null) return { state: 'empty', keys: 0 };
  const trie = createTrie(bytes, view, visit);
  try {
    trie.walk(root);
  } catch (error) {
    if (!(error instanceof BadNode || error instanceof RangeError)) throw error;
    return { state: 'truncated', offset: trie.at(), keys: trie.keys() };
  }
  return { state: trie.keys() === 0 ? 'empty' : 'sound', keys: trie.keys() };
}

/** The bits and offset of an index's first node; null where it has none, or is no index. */
export function rootOfIndex(bytes: Uint8Array): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!hasMagic(view) || bytes.length === HEADER) return null;
  const root = view.getUint32(8);
  return (root & OFFSET) === 0 ? null : root;
}

function hasMagic(view: DataView): boolean {
  return view.byteLength >= HEADER && view.getUint32(0) === MAGIC && view.getUint32(4) >>> 16 === MAJOR;
}

/**
 * The walk proper: reads beyond the end raise a RangeError (DataView's own) or BadNode. One loop with numbers alone: there are
 * a hundred thousand nodes to walk, most of them by code that is not compiled yet.
 */
function createTrie(bytes: Uint8Array, view: DataView, visit: VisitPair | null) {
  const key = Buffer.alloc(MAX_KEY);
  // depmod writes each node once: an offset seen twice is a loop, or a trie that unfolds without end.
  const seen = new Uint8Array(bytes.length + 1);
  // Nodes whose children are being walked: where the table goes on, with which letter, up to which, and how long the key is.
  const [tables, chars, lasts, sizes]: [number[], number[], number[], number[]] = [[], [], [], []];
  const text = visit === null ? '' : latin1(bytes);
  let depth = 0;
  let keys = 0;
  let node = 0;
  let keySize = 0;
  let room = MAX_PAIRS;

  const endOfString = (at: number): number => {
    let end = at;
    while (end < bytes.length && bytes[end] !== 0) end++;
    if (end >= bytes.length) throw new BadNode();
    return end;
  };

  const readValues = (from: number, keySize: number): void => {
    const count = view.getUint32(from);
    if (count > 0) keys++;
    let at = from + 4;
    if (visit === null) {
      for (let i = 0; i < count; i++) at = endOfString(at + 4) + 1;
      return;
    }
    const values: { readonly priority: number; readonly value: string }[] = [];
    for (let i = 0; i < count; i++) {
      const priority = view.getUint32(at);
      const end = endOfString(at + 4);
      values.push({ priority, value: text.slice(at + 4, end) });
      at = end + 1;
    }
    if (values.length > 1) values.sort((a, b) => a.priority - b.priority);
    room -= values.length * keySize;
    if (room < 0) throw new BadNode();
    const name = key.toString('latin1', 0, keySize);
    for (const { value } of values) visit(name, value);
  };

  /** The next child of those that wait, and into `keySize` the length of its key; 0 when all are walked. */
  const nextChild = (): number => {
    for (; depth > 0; depth--) {
      const top = depth - 1;
      const last = lasts[top] ?? 0;
      let table = tables[top] ?? 0;
      // Most places of a table are empty: the alphabet is wide, and few letters follow each other.
      for (let char = chars[top] ?? 0; char <= last; char++, table += 4) {
        const child = view.getUint32(table);
        if ((child & OFFSET) === 0) continue;
        tables[top] = table + 4;
        chars[top] = char + 1;
        keySize = sizes[top] ?? 0;
        key[keySize++] = char;
        return child;
      }
    }
    return 0;
  };

  return {
    walk(root: number): void {
      for (let child = root; child !== 0; child = nextChild()) {
        let at = child & OFFSET;
        node = at;
        if (at < HEADER || at > bytes.length || seen[at] === 1) throw new BadNode();
        seen[at] = 1;
        if (child & PREFIX) {
          const end = endOfString(at);
          if (keySize + end - at >= MAX_KEY) throw new BadNode();
          if (visit === null) keySize += end - at;
          else for (let from = at; from < end; from++) key[keySize++] = bytes[from] ?? 0; // less than a call costs
          at = end + 1;
        }
        if (child & CHILDREN) {
          const first = view.getUint8(at);
          const last = view.getUint8(at + 1);
          const end = at + 2 + 4 * (last - first + 1);
          if (first > last || end > bytes.length || keySize + 1 >= MAX_KEY) throw new BadNode();
          tables[depth] = at + 2;
          chars[depth] = first;
          lasts[depth] = last;
          sizes[depth++] = keySize;
          at = end;
        }
        if (child & VALUES) readValues(at, keySize);
      }
    },
    at: () => node,
    keys: () => keys,
  };
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
