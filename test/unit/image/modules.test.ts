import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { decompressBuffer } from '../../../src/image/decompress-buffer.ts';
import { crc32Portable } from '../../../src/image/crc32.ts';
import { readElf } from '../../../src/image/elf.ts';
import { cpio, readBytes } from './archive.ts';
import { hasProgram } from './programs.ts';

const fixture = (name: string): Buffer => readFileSync(new URL(`fixtures/${name}`, import.meta.url));
const plain = gunzipSync(fixture('gzip.img'));

/** A file of the fixture, by the end of its name. */
function file(name: string): Buffer {
  const at = plain.indexOf(`${name}\0`);
  const header = plain.lastIndexOf('070701', at);
  const field = (index: number) =>
    parseInt(plain.toString('latin1', header + 6 + 8 * index, header + 14 + 8 * index), 16);
  const body = header + 110 + ((field(11) + 1) & ~3) + 2;
  return plain.subarray(body, body + field(6));
}

const below = 'usr/lib/modules/6.1.0/kernel';
const parents = ['usr/', 'usr/lib/', 'usr/lib/modules/', 'usr/lib/modules/6.1.0/', `${below}/`].map((path) => ({
  path,
}));
const read = async (name: string, body: Buffer) => {
  const { modules } = await readBytes(cpio([...parents, { path: `${below}/${name}`, body }]));
  return modules[0];
};

describe('a module that the kernel would refuse', () => {
  const sound = file('libcrc32c.ko');
  const sections = Number(sound.readBigUInt64LE(40));
  /** The sound module with some bytes changed. */
  const changed = (change: (bytes: Buffer) => void): Buffer => {
    const bytes = Buffer.from(sound);
    change(bytes);
    return bytes;
  };
  const renamed = (from: string, to: string) => changed((bytes) => bytes.write(to, bytes.indexOf(from)));

  test.each([
    ['cut off', sound.subarray(0, sound.length / 2), 'its section headers lie outside the file'],
    ['zeroed', Buffer.alloc(sound.length), 'no ELF magic'],
    ['less a stretch', Buffer.concat([sound.subarray(0, 1000), sound.subarray(1200)]), /./],
    [
      'with a section that ends elsewhere',
      changed((bytes) => bytes.writeUInt32LE(1 << 30, sections + 64 + 32)),
      'a section lies outside the file',
    ],
    ['that is a program', changed((bytes) => bytes.writeUInt16LE(2, 16)), 'it is no relocatable object'],
    [
      'without what it registers',
      renamed('.gnu.linkonce.this_module', '.gnu.linkonce.that_module'),
      'it has no .gnu.linkonce.this_module',
    ],
    ['for no kernel', renamed('vermagic=', 'vermagix='), 'it does not say which kernel it is for'],
  ])('%s', async (_, body, why) => {
    expect((await read('a.ko', body))?.damaged).toMatch(why);
  });

  test('is none that is whole', async () => {
    expect(await read('a.ko', sound)).not.toHaveProperty('damaged');
  });
});

describe('a module that cannot be read says why', () => {
  test.each([
    ['a.ko', Buffer.from('text'), 'no ELF magic'],
    ['a.ko', Buffer.alloc(0), 'no ELF magic'],
    ['a.ko', file('bin/init'), 'it has no .modinfo'],
    ['a.ko', file('libcrc32c.ko').subarray(0, 3000), 'its section headers lie outside the file'],
    ['a.ko.gz', gzipSync('text'), 'no ELF magic'],
    ['a.ko.gz', gzipSync('text').subarray(0, 10), 'unexpected end of file'],
    ['a.ko.xz', Buffer.from('text'), 'the data ends inside a header, at 0 of 4 bytes'],
    ['a.ko.xz', file('rocksoft_generic.ko.xz').subarray(0, 2000), /should follow/],
    ['a.ko.xz', Buffer.concat([file('rocksoft_generic.ko.xz'), Buffer.alloc(4)]), /its xz stream ends at 2320 of 2324/],
  ])('%s', async (name, body, why) => {
    expect((await read(name, body))?.unread).toMatch(why);
  });
});

test('a damaged module among many sound ones is the only one unread', async () => {
  if (!hasProgram('xz')) return;
  const sound = file('rocksoft_generic.ko.xz');
  const damaged = Buffer.from(sound);
  damaged[1000] = (damaged[1000] ?? 0) ^ 0x10;
  const { modules } = await readBytes(
    cpio([
      ...parents,
      ...Array.from({ length: 12 }, (_, i) => ({ path: `${below}/m${i + 10}.ko.xz`, body: i === 5 ? damaged : sound })),
    ]),
  );
  expect(modules.filter(({ unread }) => unread !== undefined).map(({ name }) => name)).toEqual(['m15']);
  expect(modules.filter(({ damaged: why }) => why !== undefined).map(({ name }) => name)).toEqual(['m15']);
  expect(modules.filter(({ vermagic }) => vermagic?.startsWith('6.1.0-56-amd64'))).toHaveLength(11);
});

test('file system images inside are named, by their magic and by the name that dracut gives them', async () => {
  const erofs = Buffer.alloc(4096);
  erofs.writeUInt32LE(0xe0f5e1e2, 1024);
  const { unread } = await readBytes(
    cpio([
      { path: 'root.img', body: 'hsqs and more' },
      { path: 'other.bin', body: erofs },
      { path: 'squashfs-root.img', body: 'cut off' },
      { path: 'small.bin', body: 'hello' },
    ]),
  );
  expect(unread).toEqual([
    { path: 'other.bin', format: 'erofs' },
    { path: 'root.img', format: 'squashfs' },
    { path: 'squashfs-root.img', format: 'squashfs' },
  ]);
});

describe('a payload in memory', () => {
  test.each([
    ['gzip', null],
    ['lz4', null],
    ['xz', 'xz'],
    ['zstd', 'zstd'],
    ['bzip2', 'bzip2'],
    ['lzo', 'lzop'],
    ['lzma', 'xz'],
  ] as const)('%s, followed by its unpacked size as in a vmlinuz', async (compression, program) => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(plain.length);
    const payload = compression === 'gzip' ? fixture('gzip.img') : Buffer.concat([fixture(`${compression}.img`), size]);
    const unpacked = await decompressBuffer(compression, payload, 1 << 20);
    if (program !== null && !hasProgram(program)) return;
    expect('bytes' in unpacked && plain.equals(unpacked.bytes)).toBe(true);
  });

  test('is cut at the limit, and says why it does not unpack', async () => {
    const cut = await decompressBuffer('gzip', fixture('gzip.img'), 1000);
    expect('bytes' in cut && cut.bytes.length).toBe(1000);
    expect(await decompressBuffer('gzip', Buffer.from('1f8b0800', 'hex'), 1000)).toHaveProperty('unread');
  });
});

test('an ELF file of another byte order and width is read', () => {
  const bytes = Buffer.alloc(52);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 1, 2, 1]);
  bytes.writeUInt16BE(2, 16);
  bytes.writeUInt16BE(20, 18);
  expect(readElf(bytes)).toMatchObject({ class: 32, machine: 20, type: 'executable', needed: [] });
});

test('an ELF file whose segments reach beyond its end is told as cut off, one of zeros or of a few bytes is not', () => {
  const program = file('bin/init');
  expect(readElf(program)).not.toHaveProperty('cutOff');
  expect(readElf(program.subarray(0, program.length >> 1))).toMatchObject({ machine: 62, cutOff: true });
  expect(readElf(program.subarray(0, 40))).not.toHaveProperty('cutOff');
});

test('the checksum of a Node without its own is the same', () => {
  const trailer = fixture('gzip.img').subarray(-8);
  expect(crc32Portable(plain)).toBe(trailer.readUInt32LE(0));
  expect(crc32Portable(plain.subarray(1001), crc32Portable(plain.subarray(0, 1001)))).toBe(trailer.readUInt32LE(0));
});
