import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { readElf } from '../../../src/image/elf.ts';
import { readElfBuild } from '../../../src/image/elf-build.ts';
import type { ElfFacts } from '../../../src/image/types.ts';
import { comparePrograms } from '../../../src/ops/compare-programs.ts';
import { facts } from '../boot/facts.ts';
import { makeRoot, type Layout } from '../host/roots.ts';
import { membersOf } from '../image/members.ts';

const plain = gunzipSync(readFileSync(new URL('../image/fixtures/gzip.img', import.meta.url)));
const sound = Buffer.from(membersOf(plain).find(({ path }) => path === 'usr/bin/init')?.body ?? '');
const damaged = Buffer.from(sound);
const MIDDLE = damaged.indexOf('libkmod.so.2\0');
damaged.write('X', MIDDLE);
const PATH = 'usr/bin/mount';

/** What is told of the image's `mount`, where the host has this in its place. */
async function told(own: Buffer | string | null, inImage = sound, sealed = false, more: Layout = {}) {
  const build = sealed ? null : readElfBuild(inImage);
  const elf: ElfFacts = { ...readElf(inImage), needed: [], ...(build === null ? {} : { build }) };
  const root = makeRoot(own === null ? { '/usr/bin': null } : { [`/${PATH}`]: own }, more);
  return [
    ...(await comparePrograms(
      facts({ host: { root, packageManager: { name: 'apt' } }, image: { files: { [PATH]: { elf } } } }),
    )),
  ];
}

test('a program of the same build is the same, or is not', async () => {
  expect(await told(sound)).toEqual([[PATH, 'same']]);
  expect(await told(sound, damaged)).toEqual([[PATH, 'differs']]);
  expect(await told(damaged)).toEqual([[PATH, 'differs']]);
});

test('where its package tells that the host’s own is whole, it is the image’s that is damaged', async () => {
  const sums = {
    [`/var/lib/dpkg/info/mount.md5sums`]: `${createHash('md5').update(sound).digest('hex')}  bin/mount\n`,
  };
  expect(await told(sound, damaged, false, sums)).toEqual([[PATH, 'damaged']]);
  expect(await told(damaged, sound, false, sums)).toEqual([[PATH, 'differs']]);
});

test('nothing is said of another build, of what the host has not, and of what a checksum covers', async () => {
  const other = Buffer.from(sound);
  other.write('another', other.indexOf(Buffer.from(readElfBuild(sound)?.id ?? '', 'hex')));
  expect(await told(other)).toEqual([]);
  expect(await told('#!/bin/sh\n')).toEqual([]);
  expect(await told(null)).toEqual([]);
  expect(await told(sound, damaged, true)).toEqual([]);
});

test('nor of a program that this boot does not need', async () => {
  const root = makeRoot({ '/usr/bin/never': sound });
  const build = readElfBuild(damaged);
  const elf: ElfFacts = { ...readElf(damaged), ...(build === null ? {} : { build }) };
  const unneeded = facts({ host: { root }, image: { files: { 'usr/bin/never': { elf } } } });
  expect([...(await comparePrograms(unneeded))]).toEqual([]);
});
