import type { Peekable } from './stream-walk.ts';
import type { Compression } from './types.ts';
import { readXzCheck } from './xz-walk.ts';
import { hasZstdChecksum } from './zstd-walk.ts';

/** Whether the compressed stream that begins at `start` carries a checksum of what it unpacks to. */
export function isSealed(compression: Exclude<Compression, 'none'>, source: Peekable, start: number): boolean {
  switch (compression) {
    case 'gzip':
    case 'bzip2':
    case 'lzo': // as lzop writes it by default, a checksum a block
      return true;
    case 'xz':
      return readXzCheck(source, start) !== 'none';
    case 'zstd':
      return hasZstdChecksum(source, start);
    case 'lz4': // the legacy frame, the only one that the kernel knows
    case 'lzma':
      return false;
  }
}
