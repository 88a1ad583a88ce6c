/**
 * Unpacks one LZ4 block into `into`; returns its size, or null where the block does not hold or is larger than `into`.
 * https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
 */
export function unpackLz4Block(block: Uint8Array, into: Uint8Array): number | null {
  const end = block.length;
  const room = into.length;
  let at = 0;
  let to = 0;
  while (at < end) {
    const token = block[at++] ?? 0;
    let literals = token >>> 4;
    if (literals === 15) {
      let more: number;
      do {
        if (at >= end) return null;
        more = block[at++] ?? 0;
        literals += more;
      } while (more === 255);
    }
    if (at + literals > end || to + literals > room) return null;
    if (literals > 32) into.set(block.subarray(at, at + literals), to);
    else for (let i = 0; i < literals; i++) into[to + i] = block[at + i] ?? 0;
    at += literals;
    to += literals;
    if (at === end) return to;

    if (at + 2 > end) return null;
    const distance = (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8);
    at += 2;
    let length = (token & 15) + 4;
    if (length === 19) {
      let more: number;
      do {
        if (at >= end) return null;
        more = block[at++] ?? 0;
        length += more;
      } while (more === 255);
    }
    const from = to - distance;
    if (distance === 0 || from < 0 || to + length > room) return null;
    if (distance >= length && length > 32) into.copyWithin(to, from, from + length);
    else for (let i = 0; i < length; i++) into[to + i] = into[from + i] ?? 0;
    to += length;
  }
  return null; // a block ends with literals
}
