import { findBzip2End } from './bzip2-walk.ts';
import { decoderProgram } from './decoder-program.ts';
import type { ImageBytes } from './image-bytes.ts';
import { walkLzo } from './lzo-walk.ts';
import type { Take } from './pump.ts';
import type { StreamWalk } from './stream-walk.ts';
import type { Compression } from './types.ts';
import { unpackGzip } from './unpack-gzip.ts';
import { unpackLz4 } from './unpack-lz4.ts';
import { unpackWithProgram } from './unpack-program.ts';
import { unpackZstd } from './unpack-zstd.ts';
import type { Unpacked } from './unpacked.ts';
import { walkXz } from './xz-walk.ts';
import { walkZstd } from './zstd-walk.ts';

/** Unpacks the one compressed stream that starts at `start` and hands its bytes to `take`. What is wrong with it is in the answer. */
export async function unpackStream(
  compression: Exclude<Compression, 'none'>,
  image: ImageBytes,
  start: number,
  take: Take,
): Promise<Unpacked> {
  switch (compression) {
    case 'gzip':
      return unpackGzip(image, start, take);
    case 'lz4':
      return unpackLz4(image, start, take);
    case 'xz':
      return unpackWalked(compression, image, start, walkXz(image, start), take);
    case 'zstd':
      return unpackWalked(compression, image, start, walkZstd(image, start), take, unpackZstd);
    case 'lzo':
      return unpackWalked(compression, image, start, walkLzo(image, start), take);
    case 'bzip2': {
      const end = await findBzip2End(image, start);
      const fault = { kind: 'truncated', at: start, detail: 'the bzip2 stream has no end' } as const;
      const walk = end === null ? { end: image.size, unpackedSize: null, fault } : { end, unpackedSize: null };
      return unpackWalked(compression, image, start, walk, take);
    }
    case 'lzma': {
      // Nothing in such a stream tells where it ends: it is taken for the last of the image. What xz then finds behind it
      // it calls damage, as it does real damage.
      const { end, fault } = await unpackWalked(
        compression,
        image,
        start,
        { end: image.size, unpackedSize: null },
        take,
      );
      return fault?.kind === 'corrupt'
        ? { end, fault: { ...fault, ifWhole: 'limit' } }
        : { end, ...(fault && { fault }) };
    }
  }
}

type UnpackRange = (image: ImageBytes, start: number, end: number, take: Take) => Promise<Unpacked>;

async function unpackWalked(
  compression: Exclude<Compression, 'none' | 'gzip'>,
  image: ImageBytes,
  start: number,
  walk: StreamWalk,
  take: Take,
  unpack: UnpackRange = (...range) => unpackWithProgram(decoderProgram(compression), ...range),
): Promise<Unpacked> {
  // Where the walk broke off there may still be much that unpacks: the kernel unpacks it too.
  const to = walk.fault === undefined ? walk.end : image.size;
  const unpacked = await unpack(image, start, to, take);
  const fault = walk.fault ?? unpacked.fault;
  return { end: walk.end, ...(fault === undefined ? {} : { fault }) };
}
