import type { ImageBytes } from './image-bytes.ts';

/** The 48 bits before a stream's checksum, at any bit: what no block holds but by a chance of 2^-48 a place. */
const END = 0x177245385090n;
const PIECE = 1 << 20;
/** The mark and the checksum of 32 bits, where they begin inside a byte. */
const OVERLAP = 11;

/** Where the bzip2 stream at `start` ends, or null where no end is found. */
export async function findBzip2End(image: ImageBytes, start: number): Promise<number | null> {
  const piece = Buffer.alloc(PIECE);
  for (let at = start; at < image.size; at += PIECE - OVERLAP) {
    const size = await image.read(at, piece);
    const found = findEnd(piece.subarray(0, size));
    if (found !== null && at + found <= image.size) return at + found;
    if (size < PIECE) return null;
  }
  return null;
}

/** Behind the first end mark and its checksum: eight searches, one for each bit that it may start at. */
function findEnd(bytes: Buffer): number | null {
  let first: number | null = null;
  for (let shift = 0; shift < 8; shift++) {
    // The five bytes that the mark fills whole, whatever stands before and behind it.
    const spread = END << BigInt(8 - shift);
    const whole = Buffer.alloc(7);
    whole.writeUIntBE(Number(spread >> 8n), 0, 6);
    whole[6] = Number(spread & 0xffn);
    const inner = whole.subarray(1, 6);
    const [head, tail] = [whole[0] ?? 0, whole[6]];
    const [headMask, tailMask] = [0xff >> shift, (0xff00 >> shift) & 0xff];
    for (let at = bytes.indexOf(inner, 1); at !== -1; at = bytes.indexOf(inner, at + 1)) {
      if (((bytes[at - 1] ?? 0) & headMask) !== head || ((bytes[at + 5] ?? 0) & tailMask) !== tail) continue;
      const end = at - 1 + Math.ceil((shift + 48 + 32) / 8);
      if (end <= bytes.length && (first === null || end < first)) first = end;
      break;
    }
  }
  return first;
}
