import { createGrowingBuffer } from './growing-buffer.ts';
import type { ImageBytes } from './image-bytes.ts';
import { peekBuffer } from './stream-walk.ts';
import type { Compression } from './types.ts';
import { unpackStream } from './unpack-stream.ts';

/** What a buffer unpacks to, or why it does not. */
export type Decompressed = { readonly bytes: Uint8Array } | { readonly unread: string };

/**
 * Unpacks the one compressed stream that a buffer begins with (the payload of a vmlinuz, IKCONFIG); what follows it is passed over.
 * @param limit bytes unpacked at most: what is beyond is left away, and no error
 */
export async function decompressBuffer(
  compression: Compression,
  bytes: Uint8Array,
  limit: number,
): Promise<Decompressed> {
  if (compression === 'none') return { bytes: bytes.subarray(0, limit) };
  const output = createGrowingBuffer();
  const { fault } = await unpackStream(compression, bufferAsImage(bytes), 0, (piece) => {
    output.append(piece.subarray(0, limit - output.size));
    return output.size < limit;
  });
  // A payload is followed by its unpacked size, which is no part of the stream: what went before is whole.
  if (fault === undefined || output.size >= limit || isSizeWord(bytes, output.size)) return { bytes: output.bytes };
  return { unread: fault.detail };
}

function isSizeWord(bytes: Uint8Array, size: number): boolean {
  if (bytes.length < 4) return false;
  return new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4, 4).getUint32(0, true) === size;
}

function bufferAsImage(bytes: Uint8Array): ImageBytes {
  return {
    ...peekBuffer(bytes),
    read(at, into) {
      const part = bytes.subarray(at, at + into.length);
      into.set(part);
      return Promise.resolve(part.length);
    },
    locate: (offset) => ({ file: 0, offset }),
  };
}
