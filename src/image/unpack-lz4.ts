import { decoderProgram } from './decoder-program.ts';
import type { ImageBytes } from './image-bytes.ts';
import { withLz4Decoder } from './lz4-block.ts';
import { walkLz4 } from './lz4-walk.ts';
import type { Lz4Block } from './lz4-walk.ts';
import type { Take } from './pump.ts';
import { unpackWithProgram } from './unpack-program.ts';
import type { Unpacked } from './unpacked.ts';

/** Unpacks one lz4 legacy stream, block by block; with the host's own program where this Node cannot. */
export async function unpackLz4(image: ImageBytes, start: number, take: Take): Promise<Unpacked> {
  const blocks: Lz4Block[] = [];
  const walk = walkLz4(image, start, (block) => blocks.push(block));
  const unpacked = await withLz4Decoder(async (decoder) => {
    for (const { at, size } of blocks) {
      await image.read(at, decoder.packed(size));
      const bytes = decoder.unpack(size);
      if (bytes === null) {
        const detail = `an lz4 block of ${size} bytes does not unpack`;
        return { end: image.size, fault: { kind: 'corrupt', at, detail } } as const;
      }
      if (!(await take(bytes))) return { end: walk.end };
    }
    return { end: walk.end, ...(walk.fault === undefined ? {} : { fault: walk.fault }) };
  });
  return unpacked ?? unpackWithProgram(decoderProgram('lz4'), image, start, walk.end, take);
}
