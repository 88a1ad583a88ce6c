import { bufferAsImage } from './image-bytes.ts';
import { createReservedBuffer } from './reserved-buffer.ts';
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
  const output = createReservedBuffer(limit);
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
