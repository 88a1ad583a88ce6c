import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { isKernel, leastSize } from '../../../src/host/kernel-format.ts';
import { readHost } from '../../../src/host/read-host.ts';
import { bzImage, makeRoot } from './roots.ts';

const K = '6.12.0-1-amd64';

/** A file of this size with one text at one offset. */
function magic(offset: number, text: string, size = 0x1_0400): Buffer {
  const file = Buffer.alloc(size);
  file.write(text, offset, 'latin1');
  return file;
}

/** An EFI kernel that is no bzImage: header at 0x40, one section that ends at 0x3000, one without a place in the file. */
function peKernel(): Buffer {
  const file = Buffer.alloc(0x400);
  file.write('MZ', 0, 'latin1');
  file.writeUInt32LE(0x40, 0x3c);
  file.write('PE\0\0', 0x40, 'latin1');
  file.writeUInt16LE(0xaa64, 0x44);
  file.writeUInt16LE(2, 0x46);
  file.writeUInt16LE(0xa0, 0x54);
  const sections = 0x40 + 24 + 0xa0;
  file.writeUInt32LE(0x2000, sections + 16);
  file.writeUInt32LE(0x1000, sections + 20);
  file.writeUInt32LE(0x90_0000, sections + 40 + 16);
  return file;
}

/** The start of a ppc64le vmlinux whose only segment ends at 0x5000. */
function elfKernel(): Buffer {
  const file = magic(0, '\x7fELF\x02\x01', 0x200);
  file.writeUInt16LE(21, 18);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  file.writeBigUInt64LE(0x1000n, 64 + 8);
  file.writeBigUInt64LE(0x4000n, 64 + 32);
  return file;
}

describe('a kernel file', () => {
  test.each([
    ['a bzImage', bzImage(K)],
    ['an x86 kernel older than its setup header', magic(0x1fe, '\x55\xaa')],
    ['an EFI program', peKernel()],
    ['an ELF file', elfKernel()],
    ['an arm64 Image', magic(56, 'ARM\x64')],
    ['a compressed one', gzipSync(magic(56, 'ARM\x64'))],
    ['an s390x kernel', magic(0x1_0008, 'S390EP')],
    ['a zImage', magic(0x24, '\x18\x28\x6f\x01')],
  ])('begins as one: %s', (_, file) => {
    expect(isKernel(file)).toBe(true);
  });

  test.each([
    ['zeros', Buffer.alloc(4096)],
    ['text', Buffer.from('<html>404</html>')],
    ['ones', Buffer.alloc(4096, 0xff)],
    ['a DOS program', magic(0, 'MZ')],
  ])('is none where it begins as one of these: %s', (_, file) => {
    expect(isKernel(file)).toBe(false);
  });

  test('is as long as its headers say', () => {
    const x86 = bzImage(K);
    x86[0x1f1] = 3;
    x86.writeUInt32LE(0x100, 0x1f4);
    expect(leastSize(x86)).toBe(4 * 512 + 0x1000);
    expect([leastSize(peKernel()), leastSize(elfKernel())]).toEqual([0x3000, 0x5000]);
    expect(leastSize(magic(56, 'ARM\x64'))).toBeNull();
  });

  test('of the host is looked at only where it tells neither version nor architecture', async () => {
    const { kernels, unread } = await readHost(
      makeRoot({ '/boot/vmlinuz-6.1.0': Buffer.alloc(9000), [`/boot/vmlinuz-${K}`]: bzImage(K) }),
    );
    expect(kernels.map(({ vmlinuz }) => [vmlinuz?.isKernel, vmlinuz?.size])).toEqual([
      [false, 9000],
      [true, 0x3000],
    ]);
    expect(unread.filter(({ part }) => part === 'kernels')).toEqual([]);
  });
});
