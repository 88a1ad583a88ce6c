import type { ImageBytes } from './image-bytes.ts';
import { BadCode, readHuffmanTable, streamBits, type HuffmanTable } from './zstd-huffman.ts';
import { walkZstd, type ZstdBlock } from './zstd-walk.ts';

/** Reads the literals of one block. */
export type LiteralsCheck = (block: Uint8Array) => boolean;

const COMPRESSED = 2;
const TREELESS = 3;
const JUMP_TABLE = 6;

/**
 * Looks at what nothing else tells where a frame has no checksum: whether the literals of each compressed block take just the
 * bits that they have. Decoders to 1.5.2, which kernels to 6.14 have, refuse those that do not; later ones let them pass.
 * @returns the offset of the first block that does not hold, null where all do
 */
export async function findBadLiterals(image: ImageBytes, start: number): Promise<number | null> {
  const blocks: ZstdBlock[] = [];
  walkZstd(image, start, (block) => blocks.push(block));
  const holds = createLiteralsCheck();
  const room = Buffer.allocUnsafe(blocks.reduce((most, { size }) => Math.max(most, size), 0));
  for (const { at, size } of blocks) {
    const read = await image.read(at, room.subarray(0, size));
    if (!holds(room.subarray(0, read))) return at;
  }
  return null;
}

/** Takes the compressed blocks of one frame in their order (RFC 8878, section 3.1.1.3.1); false for one that does not hold. */
export function createLiteralsCheck(): LiteralsCheck {
  let table: HuffmanTable | null = null;
  const check: LiteralsCheck = (block) => {
    const header = readHeader(block);
    if (header === null) return true;
    const { type, streams, unpacked, packed, size } = header;
    let body = block.subarray(size, size + packed);
    if (body.length < packed) return false;
    if (type === COMPRESSED) {
      const described = readHuffmanTable(body);
      table = described.table;
      body = body.subarray(described.size);
    }
    return table !== null && (streams === 1 ? endsWell(body, unpacked, table) : fourEndWell(body, unpacked, table));
  };
  return (block) => {
    try {
      return check(block);
    } catch (error) {
      if (error instanceof BadCode) return false;
      throw error;
    }
  };
}

/** Null where the literals are no Huffman code. */
function readHeader(bytes: Uint8Array) {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = bytes;
  const type = a & 3;
  if (type !== COMPRESSED && type !== TREELESS) return null;
  const format = (a >> 2) & 3;
  const bits = format < 2 ? 10 : format === 2 ? 14 : 18;
  const all = a + b * 2 ** 8 + c * 2 ** 16 + (format > 1 ? d : 0) * 2 ** 24 + (format > 2 ? e : 0) * 2 ** 32;
  const both = Math.floor(all / 16);
  return {
    type,
    streams: format === 0 ? 1 : 4,
    unpacked: both % 2 ** bits,
    packed: Math.floor(both / 2 ** bits),
    size: format < 2 ? 3 : format + 2,
  };
}

function fourEndWell(body: Uint8Array, unpacked: number, table: HuffmanTable): boolean {
  const sizes = [0, 2, 4].map((at) => (body[at] ?? 0) + ((body[at + 1] ?? 0) << 8));
  const each = (unpacked + 3) >> 2;
  let at = JUMP_TABLE;
  for (const size of sizes) {
    if (!endsWell(body.subarray(at, at + size), each, table)) return false;
    at += size;
  }
  return endsWell(body.subarray(at), unpacked - 3 * each, table);
}

/** Whether so many symbols take all bits of a stream, which is read from its end, and no more. */
function endsWell(stream: Uint8Array, symbols: number, { bits, lengths }: HuffmanTable): boolean {
  const mask = 2 ** bits - 1;
  let at = streamBits(stream);
  for (let left = symbols; left > 0; left--) {
    const from = at - bits;
    const byte = from >> 3;
    const window =
      from >= 0
        ? ((stream[byte] ?? 0) | ((stream[byte + 1] ?? 0) << 8) | ((stream[byte + 2] ?? 0) << 16)) >> (from & 7)
        : ((stream[0] ?? 0) | ((stream[1] ?? 0) << 8)) << -from;
    at -= lengths[window & mask] ?? 0;
    if (at < 0) return false;
  }
  return at === 0;
}
