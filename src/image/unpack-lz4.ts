import type { ImageBytes } from './image-bytes.ts';
import { unpackLz4Block } from './lz4-block.ts';
import { walkLz4 } from './lz4-walk.ts';
import type { Lz4Block } from './lz4-walk.ts';
import { decoderProgram } from './decoder-program.ts';
import type { Take } from './pump.ts';
import type { StreamWalk } from './stream-walk.ts';
import { unpackWithProgram } from './unpack-program.ts';
import type { Unpacked } from './unpacked.ts';

const BLOCK = 8 << 20;

/**
 * Unpacks one lz4 legacy stream: with the host's own program, five times as fast and beside us, else block by block.
 * Unlike the other formats this one is small enough to be read without its program.
 */
export async function unpackLz4(image: ImageBytes, start: number, take: Take): Promise<Unpacked> {
  const blocks: Lz4Block[] = [];
  const walk = walkLz4(image, start, (block) => blocks.push(block));
  if (walk.fault === undefined) {
    const unpacked = await unpackWithProgram(decoderProgram('lz4'), image, start, walk.end, take);
    if (unpacked.fault?.kind !== 'program_absent') return unpacked;
  }
  return unpackBlocks(image, blocks, walk, take);
}

async function unpackBlocks(
  image: ImageBytes,
  blocks: readonly Lz4Block[],
  walk: StreamWalk,
  take: Take,
): Promise<Unpacked> {
  const packed = Buffer.allocUnsafeSlow(blocks.reduce((most, { size }) => Math.max(most, size), 0));
  const unpacked = Buffer.allocUnsafeSlow(blocks.length === 0 ? 0 : BLOCK);
  for (const { at, size } of blocks) {
    await image.read(at, packed.subarray(0, size));
    const bytes = unpackLz4Block(packed.subarray(0, size), unpacked);
    if (bytes === null)
      return {
        end: image.size,
        fault: { kind: 'corrupt', at, detail: `an lz4 block of ${size} bytes does not unpack` },
      };
    if (!(await take(unpacked.subarray(0, bytes)))) return { end: walk.end };
  }
  return { end: walk.end, ...(walk.fault === undefined ? {} : { fault: walk.fault }) };
}
