import type { Compression } from './types.ts';

/** First two bytes of each compressed format, as the kernel tells them apart (lib/decompress.c). */
const MAGICS: readonly (readonly [first: number, second: number, compression: Compression])[] = [
  [0x1f, 0x8b, 'gzip'],
  [0x1f, 0x9e, 'gzip'],
  [0x42, 0x5a, 'bzip2'],
  [0x5d, 0x00, 'lzma'],
  [0xfd, 0x37, 'xz'],
  [0x89, 0x4c, 'lzo'],
  [0x02, 0x21, 'lz4'],
  [0x28, 0xb5, 'zstd'],
];

/** The compression that these bytes begin with, or null where the kernel knows none that does. */
export function detectCompression(bytes: Uint8Array): Compression | null {
  return MAGICS.find(([first, second]) => bytes[0] === first && bytes[1] === second)?.[2] ?? null;
}
