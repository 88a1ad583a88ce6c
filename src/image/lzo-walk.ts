import { runWalk, WalkFault } from './stream-walk.ts';
import type { Peekable, StreamWalk } from './stream-walk.ts';

const MAX_BLOCK = 256 << 10;
const HAS_FILTER = 0x800;

/** Follows one lzop file by the headers of its blocks, as the kernel's lib/decompress_unlzo.c reads it. */
export function walkLzo(source: Peekable, start: number): StreamWalk {
  return runWalk(source, start, (cursor) => {
    const magic = cursor.take(9);
    if (magic.getUint32(0) !== 0x894c5a4f || magic.getUint32(4) !== 0x000d0a1a || magic.getUint8(8) !== 0x0a)
      throw new WalkFault('corrupt', start, 'no lzop magic');
    const modern = cursor.take(7).getUint16(0) >= 0x0940;
    if (modern) cursor.skip(1);
    const flags = cursor.take(4).getUint32(0);
    if (flags & HAS_FILTER) cursor.skip(4);
    cursor.skip(modern ? 12 : 8);
    cursor.skip(cursor.take(1).getUint8(0) + 4);
    let unpacked = 0;
    for (;;) {
      const at = cursor.at;
      const size = cursor.take(4).getUint32(0);
      if (size === 0) return unpacked;
      if (size > MAX_BLOCK) throw new WalkFault('corrupt', at, `a block of ${size} bytes: 256 KiB is the most`);
      const packed = cursor.take(8).getUint32(0);
      if (packed === 0 || packed > size) throw new WalkFault('corrupt', at, `a block of ${packed} bytes for ${size}`);
      cursor.skip(packed);
      unpacked += size;
    }
  });
}
