import { MAX_BLOCK } from './lz4-block.ts';
import { createCursor, runWalk, WalkFault } from './stream-walk.ts';
import type { Peekable, StreamWalk } from './stream-walk.ts';

/** `lz4 -l`: the only frame that the kernel knows. */
export const LZ4_LEGACY_MAGIC = 0x184c2102;
/** What `lz4` writes unless told otherwise: the kernel takes it for no archive. */
export const LZ4_MODERN_MAGIC = 0x184d2204;

/** One block of a legacy stream: where its data lies. */
export interface Lz4Block {
  readonly at: number;
  readonly size: number;
}

/** The blocks of a legacy stream, and where it ends, as the kernel's lib/decompress_unlz4.c reads it. */
export function walkLz4(
  source: Peekable,
  start: number,
  onBlock: (block: Lz4Block) => void = () => undefined,
): StreamWalk {
  return runWalk(source, start, (cursor) => {
    if (cursor.take(4).getUint32(0, true) !== LZ4_LEGACY_MAGIC)
      throw new WalkFault('corrupt', start, 'no lz4 legacy magic');
    for (;;) {
      // Less than a size, or a size of 0: the end. It is not part of the stream.
      if (source.size - cursor.at < 4) return null;
      const size = createCursor(source, cursor.at).take(4).getUint32(0, true);
      if (size === 0) return null;
      cursor.skip(4);
      if (size === LZ4_LEGACY_MAGIC) continue;
      if (size > MAX_BLOCK)
        throw new WalkFault('corrupt', cursor.at - 4, `a block of ${size} bytes: 8 MiB is the most`);
      const at = cursor.at;
      cursor.skip(size);
      onBlock({ at, size });
    }
  });
}
