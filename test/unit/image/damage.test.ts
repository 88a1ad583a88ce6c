import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { bufferAsImage } from '../../../src/image/image-bytes.ts';
import { unpackWithProgram } from '../../../src/image/unpack-program.ts';
import { cpio, kindsOf, pad, readBytes } from './archive.ts';
import { hasProgram } from './programs.ts';

const fixture = (name: string): Buffer => readFileSync(new URL(`fixtures/${name}`, import.meta.url));
const plain = gunzipSync(fixture('gzip.img'));

describe('an image that was cut off', () => {
  const programs = { gzip: null, lz4: null, xz: 'xz', zstd: 'zstd', bzip2: 'bzip2', lzo: 'lzop', lzma: 'xz' };
  test.each(Object.entries(programs))('%s', async (compression, program) => {
    const image = fixture(`${compression}.img`);
    for (const left of [8, Math.floor(image.length / 2)]) {
      const facts = await readBytes(image.subarray(0, image.length - left));
      if (program !== null && !hasProgram(program)) continue;
      expect([left, kindsOf(facts)]).toEqual([left, ['truncated']]);
    }
  });

  test('plain: in a header, in a name, in content', async () => {
    for (const size of [plain.length - 600, 50, 111]) {
      const facts = await readBytes(plain.subarray(0, size));
      expect([size, kindsOf(facts)]).toEqual([size, ['truncated']]);
      expect(facts.problems[0]?.offset).toBe(size);
    }
  });

  test('what came before the cut is told all the same', async () => {
    const facts = await readBytes(fixture('gzip.img').subarray(0, 30_000));
    expect(facts.tree.entries.has('usr/bin/init')).toBe(true);
    expect(facts.problems[0]).toMatchObject({ kind: 'truncated', file: 0 });
    expect(facts.segments[0]?.trailer).toBe(false);
  });

  test('a whole stream around half an archive', async () => {
    const facts = await readBytes(gzipSync(plain.subarray(0, 20_000)));
    expect(facts.problems).toMatchObject([{ kind: 'truncated', offset: 0 }]);
    expect(facts.problems[0]?.detail).toMatch(/^the stream is whole: the archive ends inside/);
  });

  test('two gzip members around one archive: the kernel reads one at a time and stops', async () => {
    const facts = await readBytes(
      Buffer.concat([gzipSync(plain.subarray(0, 20_000)), gzipSync(plain.subarray(20_000))]),
    );
    expect(kindsOf(facts)).toEqual(['truncated']);
  });
});

describe('an image in which bytes were changed', () => {
  test('a gzip checksum that does not match is told, though the kernel does not look', async () => {
    const image = Buffer.concat([pad(gzipSync(cpio([{ path: 'a', body: 'x' }]))), cpio([{ path: 'b', body: 'y' }])]);
    const at = image.indexOf('070701') - 12;
    const stream = gzipSync(cpio([{ path: 'a', body: 'x' }]));
    image[stream.length - 8] = (image[stream.length - 8] ?? 0) ^ 1;
    expect(at).toBeLessThan(image.length);
    const facts = await readBytes(image);
    expect(facts.problems).toMatchObject([{ kind: 'corrupt', detail: 'the gzip checksum does not match' }]);
    expect([...facts.tree.entries.keys()]).toEqual(['a', 'b']);
  });

  const programs = { xz: 'xz', zstd: 'zstd', bzip2: 'bzip2', lzo: 'lzop' };
  test.each(Object.entries(programs))('%s', async (compression, program) => {
    const image = fixture(`${compression}.img`);
    image[20_000] = (image[20_000] ?? 0) ^ 0x55;
    const facts = await readBytes(image);
    if (!hasProgram(program)) return;
    expect(facts.problems.length).toBeGreaterThan(0);
    expect(['corrupt', 'truncated']).toContain(facts.problems[0]?.kind);
  });

  // Which zstd 1.5.4 lets pass, and 1.5.1 does not: so it was tried.
  test.each([null, 18_000, 18_500, 19_000])('zstd without a checksum, its literals too many or too few', async (at) => {
    const image = withoutChecksum(fixture('zstd.img'));
    if (at !== null) image[at] = (image[at] ?? 0) ^ 0x80;
    if (!hasProgram('zstd')) return;
    const { problems } = await readBytes(image);
    expect(problems.map(({ kind }) => kind)).toEqual(at === null ? [] : ['corrupt']);
  });

  test('gzip with a field that the kernel does not pass over', async () => {
    const image = gzipSync(plain);
    image[3] = 0x04;
    expect(kindsOf(await readBytes(image))).toEqual(['corrupt']);
  });
});

/** The same frame as `zstd --no-check` writes it: RFC 8878, section 3.1.1.1.1.5. */
function withoutChecksum(frame: Buffer): Buffer {
  const image = Buffer.from(frame.subarray(0, -4));
  image[4] = (image[4] ?? 0) & ~4;
  return image;
}

describe('limits of ours are told as such', () => {
  test('more unpacked than asked for', async () => {
    const facts = await readBytes(gzipSync(cpio([{ path: 'big', body: Buffer.alloc(10 << 20) }])), {
      maxUnpacked: 1 << 20,
    });
    expect(kindsOf(facts)).toEqual(['limit']);
  });

  test('of a stream that a program unpacks, too', async () => {
    if (!hasProgram('xz')) return;
    expect(kindsOf(await readBytes(fixture('xz.img'), { maxUnpacked: 10_000 }))).toEqual(['limit']);
  });

  test('a plain image too', async () => {
    expect(kindsOf(await readBytes(plain, { maxUnpacked: 10_000 }))).toEqual(['limit']);
  });

  test('more members than any image has', async () => {
    const member = cpio([{ path: 'a' }], { trailer: false });
    const facts = await readBytes(Buffer.alloc(member.length * 262_200, member));
    expect(kindsOf(facts)).toEqual(['limit']);
  });

  test('an lzma stream with something behind it: nothing tells where it ends', async () => {
    if (!hasProgram('xz')) return;
    const facts = await readBytes(Buffer.concat([pad(fixture('lzma.img')), plain]));
    expect(kindsOf(facts)).toEqual(['limit']);
  });
});

test('a program that is not there is told, and is no verdict about the image', async () => {
  const program = { command: 'bellwether-has-no-such-program', args: [] };
  const unpacked = await unpackWithProgram(program, bufferAsImage(plain), 0, plain.length, () => true);
  expect(unpacked).toMatchObject({ end: plain.length, fault: { kind: 'program_absent' } });
});

test.each(['gzip', 'xz', 'lz4', 'early'])('an aborted reading ends with an error that says so: %s', async (name) => {
  const abort = new AbortController();
  abort.abort();
  const reading = readBytes(fixture(`${name}.img`), { signal: abort.signal });
  if (name === 'xz' && !hasProgram('xz')) return;
  await expect(reading).rejects.toMatchObject({ code: 'timed_out' });
});

describe('headers that lie', () => {
  test('a file of 4 GiB in an image of 300 bytes', async () => {
    const facts = await readBytes(cpio([{ path: 'a', body: 'x', claimedSize: 0xffffffff }]));
    expect(kindsOf(facts)).toEqual(['truncated']);
  });
  test('a name of 4 GiB', async () => {
    const facts = await readBytes(cpio([{ path: 'a', body: 'x', claimedNameSize: 0xffffffff }]));
    expect(kindsOf(facts)).toEqual(['entry_ignored', 'truncated']);
  });
  test('a name that no NUL ends', async () => {
    expect(kindsOf(await readBytes(cpio([{ path: 'abc', body: 'x', claimedNameSize: 2 }])))).toEqual(['corrupt']);
  });
});
