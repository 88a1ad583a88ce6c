import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { readElfBuild } from '../../../src/image/elf-build.ts';
import { readElfLayout } from '../../../src/image/elf-layout.ts';
import { membersOf } from './members.ts';

const plain = gunzipSync(readFileSync(new URL('fixtures/gzip.img', import.meta.url)));
/** As gcc and ld made it: fixtures/make.sh. */
const INIT = Buffer.from(membersOf(plain).find(({ path }) => path === 'usr/bin/init')?.body ?? '');
const whole = readElfBuild(INIT);

function sectionOf(name: string): { readonly offset: number; readonly size: number } {
  const layout = readElfLayout(INIT);
  const section = typeof layout === 'string' ? layout : layout.section(name);
  if (typeof section === 'string') throw new Error(section);
  return section;
}

/** With one byte changed in the middle of a section. */
function damagedIn(name: string): Buffer {
  const { offset, size } = sectionOf(name);
  const bytes = Buffer.from(INIT);
  const at = offset + (size >> 1);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at);
  return bytes;
}

test('the build ID, and a digest of what is loaded', () => {
  const { offset } = sectionOf('.note.gnu.build-id');
  expect(whole).toEqual({ id: INIT.toString('hex', offset + 16, offset + 36), content: expect.any(String) as unknown });
});

test.each(['.text', '.dynstr', '.rodata', '.data'])('a byte of %s is part of the content', (name) => {
  const changed = readElfBuild(damagedIn(name));
  expect(changed?.id).toBe(whole?.id);
  expect(changed?.content).not.toBe(whole?.content);
});

test('what strip takes away is not', () => {
  expect(readElfBuild(damagedIn('.comment'))).toEqual(whole);
});

test('where a program starts, and where it is put, are', () => {
  const elsewhere = Buffer.from(INIT);
  elsewhere.writeUInt8(elsewhere.readUInt8(24) ^ 0x10, 24);
  expect(readElfBuild(elsewhere)?.content).not.toBe(whole?.content);
  const moved = Buffer.from(INIT);
  const segments = Number(moved.readBigUInt64LE(32));
  const load = Array.from({ length: moved.readUInt16LE(56) }, (_, index) => segments + 56 * index).find(
    (at) => moved.readUInt32LE(at) === 1,
  );
  moved.writeUInt8(0x40, (load ?? 0) + 16 + 2);
  expect(readElfBuild(moved)?.content).not.toBe(whole?.content);
});

test('nothing is said of what does not say, nor of what does not hold together', () => {
  const otherNote = Buffer.from(INIT);
  otherNote.write('GNX', sectionOf('.note.gnu.build-id').offset + 12);
  expect(readElfBuild(otherNote)).toBeNull();
  expect(readElfBuild(INIT.subarray(0, INIT.length - 64))).toBeNull();
  expect(readElfBuild(Buffer.from('#!/bin/sh\n'))).toBeNull();
});

test('nor of what prelink moved', () => {
  const moved = Buffer.from(INIT);
  moved.write('.gnu.prelink_undo\0', moved.indexOf('.note.gnu.property'), 'latin1');
  expect(readElfBuild(moved)).toBeNull();
});
