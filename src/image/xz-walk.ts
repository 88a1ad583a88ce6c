import { runWalk, WalkFault } from './stream-walk.ts';
import type { Cursor, Peekable, StreamWalk } from './stream-walk.ts';
import type { Segment } from './types.ts';

export type XzCheck = NonNullable<Segment['xzCheck']>;

const LZMA2 = 0x21;
/** Bytes of each check by its number (xz format, section 2.1.1.2). */
const CHECK_SIZES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64] as const;
const CHECK_NAMES: Readonly<Record<number, XzCheck>> = { 0: 'none', 1: 'crc32', 4: 'crc64', 10: 'sha256' };

/** The integrity check that a stream header declares. */
export function readXzCheck(source: Peekable, start: number): XzCheck {
  return CHECK_NAMES[source.peek(start + 7, 1)[0] ?? -1] ?? 'other';
}

/**
 * Follows one .xz stream: blocks by the headers of their LZMA2 chunks, index, footer
 * (https://tukaani.org/xz/xz-file-format.txt). One stream, as the kernel's decoder takes it.
 */
export function walkXz(source: Peekable, start: number): StreamWalk {
  return runWalk(source, start, (cursor) => {
    const header = cursor.take(12);
    if (header.getUint32(0) !== 0xfd377a58 || header.getUint16(4) !== 0x5a00)
      throw new WalkFault('corrupt', start, 'no xz magic');
    if (header.getUint8(6) !== 0 || header.getUint8(7) > 15)
      throw new WalkFault('corrupt', start + 6, 'unknown xz flags');
    const checkSize = CHECK_SIZES[header.getUint8(7)] ?? 0;
    let unpacked = 0;
    let blocks = 0;
    for (;;) {
      const at = cursor.at;
      const size = cursor.take(1).getUint8(0);
      if (size === 0) break;
      cursor.at = at;
      readBlockHeader(cursor, (size + 1) * 4);
      const data = cursor.at;
      unpacked += walkLzma2(cursor);
      cursor.skip((4 - ((cursor.at - data) % 4)) % 4);
      cursor.skip(checkSize);
      blocks++;
    }
    walkIndex(cursor, blocks);
    const footer = cursor.take(12);
    if (footer.getUint16(10) !== 0x595a) throw new WalkFault('corrupt', cursor.at - 12, 'no xz footer');
    return unpacked;
  });
}

function readBlockHeader(cursor: Cursor, size: number): void {
  const at = cursor.at;
  const header = cursor.take(size);
  const flags = header.getUint8(1);
  let position = 2;
  const bad = (): never => {
    throw new WalkFault('corrupt', at, 'a block header that does not hold');
  };
  const vli = (): number => {
    let value = 0;
    for (let shift = 0; shift < 63; shift += 7) {
      if (position >= size - 4) return bad();
      const byte = header.getUint8(position++);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return bad();
  };
  if (flags & 0x40) vli();
  if (flags & 0x80) vli();
  let filter = 0;
  for (let i = 0; i <= (flags & 3); i++) {
    filter = vli();
    position += vli();
  }
  if (filter !== LZMA2) throw new WalkFault('corrupt', at, `a block whose last filter is ${filter}, not LZMA2`);
}

/** Chunks of LZMA2: a control byte, sizes, data; 0 ends them. Returns what they unpack to. */
function walkLzma2(cursor: Cursor): number {
  let unpacked = 0;
  for (;;) {
    const at = cursor.at;
    const control = cursor.take(1).getUint8(0);
    if (control === 0) return unpacked;
    if (control >= 0x80) {
      const sizes = cursor.take(4);
      unpacked += ((control & 0x1f) << 16) + sizes.getUint16(0) + 1;
      cursor.skip(sizes.getUint16(2) + 1 + (control >= 0xc0 ? 1 : 0));
    } else if (control <= 2) {
      const size = cursor.take(2).getUint16(0) + 1;
      unpacked += size;
      cursor.skip(size);
    } else throw new WalkFault('corrupt', at, `an LZMA2 chunk of type ${control}`);
  }
}

function walkIndex(cursor: Cursor, blocks: number): void {
  const start = cursor.at - 1;
  const vli = (): number => {
    let value = 0;
    for (let shift = 0; shift < 63; shift += 7) {
      const byte = cursor.take(1).getUint8(0);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new WalkFault('corrupt', cursor.at, 'an index that does not hold');
  };
  const records = vli();
  if (records !== blocks)
    throw new WalkFault('corrupt', start, `its index counts ${records} blocks, there are ${blocks}`);
  for (let i = 0; i < 2 * records; i++) vli();
  cursor.skip((4 - ((cursor.at - start) % 4)) % 4);
  cursor.skip(4);
}
