import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { comparableIndex } from '../../support/comparable-index.ts';
import { readImage } from '../../../src/image/read-image.ts';
import type { ImageFacts } from '../../../src/image/types.ts';
import { kindsOf, pad, readBytes } from './archive.ts';
import { hasProgram } from './programs.ts';

const fixture = (name: string): string => new URL(`fixtures/${name}`, import.meta.url).pathname;
const bytesOf = (name: string): Buffer => readFileSync(fixture(name));
const plain = gunzipSync(bytesOf('gzip.img'));
const K = '6.1.0-56-amd64';

/** All that a compression must not change: the build of a program is told where no checksum covers it. */
function contents({ tree, modules, indexes, dracut, generator, unread }: ImageFacts) {
  const plain = [...indexes.values()].map(comparableIndex);
  const entries = [...tree.entries].map(([path, entry]) => {
    const { build, ...elf } = entry.elf ?? {};
    return [path, build === undefined ? entry : { ...entry, elf }] as const;
  });
  return { entries, modules, indexes: plain, dracut, generator, unread };
}

describe('one archive, however it is compressed, tells the same', () => {
  const expected = readBytes(plain).then(contents);
  const programs = { gzip: null, lz4: null, xz: 'xz', lzma: 'xz', bzip2: 'bzip2', lzo: 'lzop', zstd: 'zstd' };
  test.each(Object.entries(programs))('%s', async (compression, program) => {
    const facts = await readImage([fixture(`${compression}.img`)]);
    if (program !== null && !hasProgram(program)) {
      expect(kindsOf(facts)).toEqual(['program_absent']);
      return;
    }
    expect(facts.problems).toEqual([]);
    expect(facts.segments).toEqual([
      {
        file: 0,
        offset: 0,
        size: bytesOf(`${compression}.img`).length,
        compression,
        unpackedSize: plain.length,
        entries: 39,
        early: false,
        trailer: true,
        ...(compression === 'xz' ? { xzCheck: 'crc32' } : {}),
      },
    ]);
    expect(contents(facts)).toEqual(await expected);
    const { elf } = facts.tree.entries.get('usr/bin/init') ?? {};
    expect(elf?.build !== undefined).toBe(['lz4', 'lzma'].includes(compression));
  });
});

describe('an image made by cpio, depmod and a compiler', () => {
  const read = readBytes(plain);

  test('has its directories behind the symlinks that lead to them', async () => {
    const { tree } = await read;
    expect(tree.entries.get('lib')).toMatchObject({ type: 'symlink', target: 'usr/lib' });
    expect(tree.resolve('/lib/dracut/modules.txt')).toMatchObject({
      found: true,
      entry: { path: 'usr/lib/dracut/modules.txt' },
    });
    expect(tree.resolve('/sbin/absent')).toEqual({
      found: false,
      missing: 'usr/sbin/absent',
      reason: 'absent',
      via: ['sbin'],
    });
    expect(tree.resolve('etc/cmdline.d/90lvm.conf/x')).toMatchObject({ found: false, reason: 'not_directory' });
  });

  test('has an init whose libraries, at start and later, are told', async () => {
    const { tree } = await read;
    const init = tree.resolve('init');
    expect(init).toMatchObject({
      found: true,
      entry: {
        path: 'usr/bin/init',
        elf: {
          class: 64,
          machine: 62,
          type: 'shared',
          interpreter: '/lib64/ld-linux-x86-64.so.2',
          needed: ['libm.so.6', 'libc.so.6'],
          runpath: ['/usr/lib/early', '/usr/lib/late'],
          dlopen: [{ feature: 'kmod', priority: 'suggested', sonames: ['libkmod.so.2'] }],
        },
      },
    });
  });

  test('has a script under two names, and its interpreter under both', async () => {
    const { tree } = await read;
    for (const name of ['mount-root', 'mount-usr'])
      expect(tree.entries.get(`usr/sbin/${name}`)).toMatchObject({ size: 19, interpreter: '/usr/bin/sh -e' });
  });

  test('has the texts that checks ask for', async () => {
    const { tree, dracut, generator } = await read;
    expect(tree.text('/etc/cmdline.d/90lvm.conf')).toBe('rd.lvm.lv=vg0/root\n');
    expect(tree.text('etc/absent')).toBeNull();
    expect(generator).toBe('dracut');
    expect(dracut).toEqual({
      version: '059-4',
      modules: ['bash', 'kernel-modules', 'lvm'],
      buildParameters: null,
      hostModules: ['virtio_blk', 'dm_mod'],
      hostModulesPath: 'usr/lib/dracut/hostonly-kernel-modules.txt',
      needInitqueue: true,
    });
  });

  test('has modules, compressed or not, that say what they are', async () => {
    const { modules } = await read;
    const facts = Object.fromEntries(modules.map((module) => [module.name, module]));
    const whole = { kernel: K, vermagic: `${K} SMP preempt mod_unload modversions `, machine: 62, signed: true };
    expect(facts.libcrc32c).toMatchObject({ ...whole, compression: 'none', softdeps: ['crc32c'], depends: [] });
    expect(facts.crc64).toMatchObject({
      ...whole,
      compression: 'gzip',
      path: `usr/lib/modules/${K}/kernel/lib/crc64.ko.gz`,
    });
    if (hasProgram('xz'))
      expect(facts.crc64_rocksoft_generic).toMatchObject({
        ...whole,
        compression: 'xz',
        depends: ['crc64'],
        aliases: ['crypto-crc64-rocksoft-generic', 'crc64-rocksoft-generic', 'crypto-crc64-rocksoft', 'crc64-rocksoft'],
      });
    else expect(facts.crc64_rocksoft_generic?.unread).toMatch(/no xz/);
    if (hasProgram('zstd')) expect(facts.crc_itu_t).toMatchObject({ ...whole, compression: 'zstd' });
  });

  test('has the index that depmod made', async () => {
    const { indexes } = await read;
    const index = indexes.get(K);
    expect([...indexes.keys()]).toEqual([K]);
    expect(index?.dep).toEqual({ path: `usr/lib/modules/${K}/modules.dep.bin`, size: 438, state: 'sound', keys: 4 });
    expect(index?.modules.get('crc64_rocksoft_generic')).toEqual({
      path: 'kernel/crypto/crc64_rocksoft_generic.ko.xz',
      depends: ['kernel/lib/crc64.ko'],
    });
    expect(index?.aliasesLike('crc64_rocksoft')).toContainEqual(['crc64_rocksoft', 'crc64_rocksoft_generic']);
    expect(index?.softdeps.get('libcrc32c')).toEqual(['crc32c']);
    expect(index?.builtin.has('unix')).toBe(true);
    expect(index?.builtinAliases.get('ext4')).toBeUndefined();
    expect(index?.textSize).toBe(139);
  });
});

test('a crc archive whose sums are right is read like any other', async () => {
  const facts = await readBytes(gunzipSync(bytesOf('checksums.img.gz')));
  expect(facts.problems).toEqual([]);
  expect(facts.tree.entries.size).toBe(38);
});

test('an early archive before the compressed one is a segment of its own', async () => {
  const facts = await readImage([fixture('early.img')]);
  expect(facts.problems).toEqual([]);
  expect(facts.segments).toMatchObject([
    { compression: 'none', offset: 0, early: true, entries: 6, trailer: true },
    { compression: 'gzip', offset: 1536, early: false, entries: 39, trailer: true },
  ]);
});

test('two initrds of one entry are one image, the second beginning at a multiple of 4', async () => {
  const second = Buffer.concat([Buffer.from('070701'), plain.subarray(6)]);
  const facts = await readBytes([bytesOf('gzip.img'), second]);
  expect(facts.problems).toEqual([]);
  expect(facts.files).toMatchObject([{ size: bytesOf('gzip.img').length }, { size: plain.length }]);
  expect(facts.segments).toMatchObject([
    { file: 0, offset: 0 },
    { file: 1, offset: 0 },
  ]);
});

test('four segments, compressed ones before plain ones, are all read', async () => {
  const facts = await readBytes(Buffer.concat([plain, pad(bytesOf('gzip.img'), 512), pad(bytesOf('gzip.img')), plain]));
  expect(facts.problems).toEqual([]);
  expect(facts.segments.map(({ compression, entries }) => [compression, entries])).toEqual([
    ['none', 39],
    ['gzip', 39],
    ['gzip', 39],
    ['none', 39],
  ]);
});
