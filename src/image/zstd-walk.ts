import { runWalk, WalkFault } from './stream-walk.ts';
import type { Peekable, StreamWalk } from './stream-walk.ts';

/** A block of a frame that holds more than bytes as they are. */
export interface ZstdBlock {
  readonly at: number;
  readonly size: number;
}

const COMPRESSED = 2;
/** Of the frame's descriptor. */
const CHECKSUM = 4;

/** Whether the frame ends with a checksum of what it unpacks to. */
export function hasZstdChecksum(source: Peekable, start: number): boolean {
  return ((source.peek(start, 5)[4] ?? 0) & CHECKSUM) !== 0;
}

/**
 * Follows one zstd frame by the headers of its blocks (RFC 8878, section 3.1.1). One frame, as the kernel takes it.
 * @param visit is told each compressed block
 */
export function walkZstd(
  source: Peekable,
  start: number,
  visit: (block: ZstdBlock) => void = () => undefined,
): StreamWalk {
  return runWalk(source, start, (cursor) => {
    const header = cursor.take(5);
    if (header.getUint32(0, true) !== 0xfd2fb528) throw new WalkFault('corrupt', start, 'no zstd magic');
    const descriptor = header.getUint8(4);
    const single = (descriptor & 0x20) !== 0;
    cursor.skip((single ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0));
    const sizeBytes = [single ? 1 : 0, 2, 4, 8][descriptor >>> 6] ?? 0;
    const unpackedSize = readContentSize(cursor.take(sizeBytes), sizeBytes);
    for (let last = false; !last;) {
      const at = cursor.at;
      const block = cursor.take(3);
      const word = block.getUint8(0) + (block.getUint8(1) << 8) + (block.getUint8(2) << 16);
      last = (word & 1) === 1;
      const type = (word >>> 1) & 3;
      if (type === 3) throw new WalkFault('corrupt', at, 'a zstd block of the reserved type');
      if (type === COMPRESSED) visit({ at: cursor.at, size: word >>> 3 });
      cursor.skip(type === 1 ? 1 : word >>> 3);
    }
    if (descriptor & CHECKSUM) cursor.skip(4);
    return unpackedSize;
  });
}

function readContentSize(field: DataView, bytes: number): number | null {
  switch (bytes) {
    case 1:
      return field.getUint8(0);
    case 2:
      return field.getUint16(0, true) + 256;
    case 4:
      return field.getUint32(0, true);
    case 8:
      return field.getUint32(0, true) + field.getUint32(4, true) * 2 ** 32;
    default:
      return null;
  }
}
