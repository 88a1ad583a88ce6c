import { describe, expect, test } from '@jest/globals';
import { compressionUnsupported } from '../../../../src/boot/checks/compression-unsupported.ts';
import { imageTooLarge } from '../../../../src/boot/checks/image-too-large.ts';
import { xzCheckUnsupported } from '../../../../src/boot/checks/xz-check-unsupported.ts';
import type { Compression, Segment } from '../../../../src/image/types.ts';
import { CONFIG, facts, K } from '../facts.ts';
import { observe, severities } from '../observe.ts';

const segment = (compression: Compression, over: Partial<Segment> = {}): Segment => ({
  file: 0,
  offset: 0,
  size: 1_000,
  compression,
  unpackedSize: 4_000,
  entries: 10,
  early: false,
  trailer: true,
  ...over,
});
const packed = (compression: Compression, config: ReadonlyMap<string, string> | null) =>
  facts({
    kernel: { config },
    image: { over: { segments: [segment('none', { early: true }), segment(compression, { offset: 512 })] } },
  });
const without = (option: string) => new Map([...CONFIG].filter(([name]) => name !== option));

describe('a compression', () => {
  test.each([
    ['gzip', 'CONFIG_RD_GZIP'],
    ['bzip2', 'CONFIG_RD_BZIP2'],
    ['lzma', 'CONFIG_RD_LZMA'],
    ['xz', 'CONFIG_RD_XZ'],
    ['lzo', 'CONFIG_RD_LZO'],
    ['lz4', 'CONFIG_RD_LZ4'],
    ['zstd', 'CONFIG_RD_ZSTD'],
  ] as const)('%s needs %s', (compression, option) => {
    expect(observe(compressionUnsupported, packed(compression, without(option))).defects).toEqual([
      {
        defect: true,
        message: `The image is compressed with ${compression}, which kernel ${K} cannot unpack: ${option} is off.`,
        evidence: { path: `/boot/initramfs-${K}.img`, offset: 512, compression, option, config: `/boot/config-${K}` },
      },
    ]);
    expect(observe(compressionUnsupported, packed(compression, CONFIG)).defects).toEqual([]);
  });

  test('is none in a plain image, which every kernel takes', () => {
    expect(observe(compressionUnsupported, packed('none', without('CONFIG_RD_GZIP'))).defects).toEqual([]);
  });

  test('is not known to be supported where the kernel’s configuration cannot be had', () => {
    expect(observe(compressionUnsupported, packed('zstd', null))).toMatchObject({
      defects: [],
      unknowns: [{ what: `whether kernel ${K} can unpack zstd (CONFIG_RD_ZSTD)` }],
    });
  });

  test('gzip is taken for supported even then', () => {
    expect(observe(compressionUnsupported, packed('gzip', null))).toEqual({ defects: [], unknowns: [] });
  });

  test('does not help where the kernel takes no initramfs', () => {
    expect(
      observe(compressionUnsupported, packed('gzip', without('CONFIG_BLK_DEV_INITRD'))).defects[0]?.evidence,
    ).toMatchObject({
      option: 'CONFIG_BLK_DEV_INITRD',
    });
  });
});

describe('the checksum of an xz image', () => {
  const xz = (xzCheck: Segment['xzCheck']) =>
    facts({ image: { over: { segments: [segment('xz', xzCheck === undefined ? {} : { xzCheck })] } } });

  test.each(['crc64', 'sha256', 'other'] as const)('%s is refused by the kernel', (check) => {
    expect(observe(xzCheckUnsupported, xz(check)).defects[0]?.evidence).toEqual({
      path: `/boot/initramfs-${K}.img`,
      offset: 0,
      check,
    });
  });

  test.each(['crc32', 'none', undefined] as const)('%s is taken', (check) => {
    expect(observe(xzCheckUnsupported, xz(check)).defects).toEqual([]);
  });
});

describe('the size of an image', () => {
  const sized = (size: number, unpackedSize: number, memory: number | null, name: 'grub' | 'systemd-boot' = 'grub') =>
    facts({
      host: { memory },
      loader: { name },
      image: { over: { files: [{ path: '/boot/i.img', size, mtime: 0 }], unpackedSize } },
    });

  test('is fatal where it does not fit into memory with what it unpacks to', () => {
    expect(severities(imageTooLarge, sized(150_000_000, 400_000_000, 536_870_912))).toEqual(['fatal']);
  });

  test('is a warning where GRUB has run out of memory on such images', () => {
    expect(severities(imageTooLarge, sized(260_000_000, 700_000_000, 8_000_000_000))).toEqual(['warning']);
  });

  test.each([
    ['a large image loaded by systemd-boot', sized(260_000_000, 700_000_000, 8_000_000_000, 'systemd-boot')],
    ['a usual image where the memory is not known', sized(60_000_000, 200_000_000, null)],
  ])('is no matter for %s', (_, spec) => {
    expect(observe(imageTooLarge, spec).defects).toEqual([]);
  });
});
