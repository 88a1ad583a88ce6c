import { createInflateRaw } from 'node:zlib';
import { crc32 } from './crc32.ts';
import type { ImageBytes } from './image-bytes.ts';
import type { Take } from './pump.ts';
import { decoderOptions, unpackInProcess } from './unpack-in-process.ts';
import type { StreamFault, Unpacked } from './unpacked.ts';

const HEADER = 10;
const TRAILER = 8;
const FNAME = 0x08;
/** Extra fields, a comment, a header checksum: the kernel does not pass over them, and then finds no deflate data. */
const NOT_PASSED_OVER = 0x02 | 0x04 | 0x10;

/**
 * Unpacks one gzip member (RFC 1952), exactly: Node's own gunzip would run on into whatever follows it.
 */
export async function unpackGzip(image: ImageBytes, start: number, take: Take): Promise<Unpacked> {
  const header = readHeader(image, start);
  if (typeof header !== 'number') return { end: image.size, fault: header };

  const inflate = createInflateRaw(decoderOptions(image.size - start));
  let crc = 0;
  const { size, wanted, failure } = await unpackInProcess(inflate, image, header, image.size, (bytes) => {
    crc = crc32(bytes, crc);
    return take(bytes);
  });
  const end = header + inflate.bytesWritten;
  if (!wanted) return { end };
  if (failure !== null) return { end: image.size, fault: failedAt(failure, size) };
  if (end + TRAILER > image.size)
    return { end: image.size, fault: { kind: 'truncated', at: end, detail: 'the gzip checksum and size are cut off' } };
  const trailer = image.peek(end, TRAILER);
  const view = new DataView(trailer.buffer, trailer.byteOffset, TRAILER);
  if (view.getUint32(0, true) !== crc)
    return {
      end: end + TRAILER,
      fault: { kind: 'corrupt', at: end, detail: 'the gzip checksum does not match', told: true },
    };
  if (view.getUint32(4, true) !== size % 2 ** 32)
    return {
      end: end + TRAILER,
      fault: { kind: 'corrupt', at: end + 4, detail: 'the gzip size does not match', told: true },
    };
  return { end: end + TRAILER };
}

function failedAt(message: string, size: number): StreamFault {
  const truncated = message === 'unexpected end of file';
  return {
    kind: truncated ? 'truncated' : 'corrupt',
    at: null,
    detail: truncated
      ? `the gzip data ends early, after ${size} bytes unpacked`
      : `${message}, after ${size} bytes unpacked`,
  };
}

/** Where the deflate data starts. */
function readHeader(image: ImageBytes, start: number): number | StreamFault {
  const header = image.peek(start, HEADER);
  const truncated: StreamFault = { kind: 'truncated', at: start, detail: 'the gzip header is cut off' };
  if (header.length < HEADER) return truncated;
  if (header[1] !== 0x8b || header[2] !== 8)
    return { kind: 'corrupt', at: start, detail: 'a gzip header that names no deflate data' };
  const flags = header[3] ?? 0;
  if (flags & NOT_PASSED_OVER)
    return { kind: 'corrupt', at: start + 3, detail: `gzip flags ${flags}: the kernel passes over a file name alone` };
  if ((flags & FNAME) === 0) return start + HEADER;
  for (let at = start + HEADER; at < image.size;) {
    const part = image.peek(at, 1024);
    const end = part.indexOf(0);
    if (end !== -1) return at + end + 1;
    at += part.length;
  }
  return truncated;
}
