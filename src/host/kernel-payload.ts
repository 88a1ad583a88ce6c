import { detectCompression } from '../image/compression.ts';
import { decompressBuffer } from '../image/decompress-buffer.ts';

/** Kernels unpack to some 60 MiB; what is beyond holds neither version nor configuration of any that is known. */
const LIMIT = 192 * 1024 * 1024;

/** Where the compressed kernel lies in a kernel file, by the headers of its format; the whole file where none tells. */
function locatePayload(kernel: Buffer): Buffer {
  if (kernel.length > 0x250 && kernel.toString('latin1', 0x202, 0x206) === 'HdrS') {
    // payload_offset counts from the protected-mode code, which follows the boot sector and the setup sectors.
    const start = ((kernel[0x1f1] ?? 0) || 4) * 512 + 512 + kernel.readUInt32LE(0x248);
    return kernel.subarray(start, start + kernel.readUInt32LE(0x24c));
  }
  if (kernel.length > 64 && kernel.toString('latin1', 4, 8) === 'zimg') {
    const start = kernel.readUInt32LE(8);
    return kernel.subarray(start, start + kernel.readUInt32LE(12));
  }
  return kernel;
}

/** The kernel itself, unpacked from a kernel file (bzImage, zboot, Image.gz, Image); null where that fails. */
export async function unpackKernel(kernel: Buffer): Promise<Buffer | null> {
  const payload = locatePayload(kernel);
  const compression = detectCompression(payload);
  if (compression === null || compression === 'none') return payload;
  const unpacked = await decompressBuffer(compression, payload, LIMIT);
  if (!('bytes' in unpacked)) return null;
  const { buffer, byteOffset, byteLength } = unpacked.bytes;
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** `uname -r` of an unpacked kernel, from its banner. */
export function versionInKernel(kernel: Buffer): string | null {
  const at = kernel.indexOf('Linux version ');
  if (at === -1) return null;
  return /^Linux version (\S{1,128}) /.exec(kernel.toString('latin1', at, at + 160))?.[1] ?? null;
}
