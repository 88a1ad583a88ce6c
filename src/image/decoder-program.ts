import { cpus } from 'node:os';
import type { Compression } from './types.ts';

/** How the host's own program unpacks one compression from stdin to stdout. */
export interface DecoderProgram {
  readonly command: string;
  readonly args: readonly string[];
}

/** More than this many threads unpack nothing faster, and each has memory of its own. */
const MAX_THREADS = 4;

let known: number | null = null;

/** Threads worth having; asked of the system once, which takes a millisecond. */
export const threads = (): number => (known ??= Math.min(MAX_THREADS, Math.max(1, cpus().length)));

/** Memory limits stand against dictionaries that a header asks for; none of the generators' own come near. */
export function decoderProgram(compression: Exclude<Compression, 'none' | 'gzip'>): DecoderProgram {
  switch (compression) {
    case 'xz':
      return { command: 'xz', args: ['-dcq', `-T${threads()}`, '--format=xz', '--memlimit-decompress=512MiB'] };
    case 'lzma':
      return { command: 'xz', args: ['-dcq', '--format=lzma', '--memlimit-decompress=512MiB'] };
    case 'bzip2':
      return { command: 'bzip2', args: ['-dcq'] };
    case 'lzo':
      return { command: 'lzop', args: ['-dcq'] };
    case 'zstd':
      return { command: 'zstd', args: ['-dcq'] };
    case 'lz4':
      return { command: 'lz4', args: ['-dcq'] };
  }
}
