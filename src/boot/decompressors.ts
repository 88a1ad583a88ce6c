import type { Compression } from '../image/types.ts';

/** The options that have the kernel unpack an image of each compression: usr/Kconfig of its sources. */
export const DECOMPRESSORS: Readonly<Record<Exclude<Compression, 'none'>, string>> = {
  gzip: 'CONFIG_RD_GZIP',
  bzip2: 'CONFIG_RD_BZIP2',
  lzma: 'CONFIG_RD_LZMA',
  xz: 'CONFIG_RD_XZ',
  lzo: 'CONFIG_RD_LZO',
  lz4: 'CONFIG_RD_LZ4',
  zstd: 'CONFIG_RD_ZSTD',
};
