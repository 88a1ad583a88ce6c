import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { joinExtents } from '../../../src/image/image-bytes.ts';
import type { ImageBytes } from '../../../src/image/image-bytes.ts';

const files = ['abc', 'defgh'];
const descriptors: number[] = [];
const folder = mkdtempSync(join(tmpdir(), 'bellwether-extents-'));
let image: ImageBytes;

beforeAll(() => {
  image = joinExtents(
    files.map((text, file) => {
      const path = join(folder, String(file));
      writeFileSync(path, text);
      const descriptor = openSync(path, 'r');
      descriptors.push(descriptor);
      return { descriptor, file, offset: 0, size: text.length, toEnd: true };
    }),
  );
});

afterAll(() => {
  for (const descriptor of descriptors) closeSync(descriptor);
  rmSync(folder, { recursive: true });
});

test.each([
  ['before the padding', 0, 'abc\0defgh'],
  ['in the padding', 3, '\0defgh'],
  ['behind it', 5, 'efgh'],
])('padding is NULs, whatever the buffer held: a read that begins %s', async (_where, at, expected) => {
  const into = Buffer.alloc(16, 0xff);
  const size = await image.read(at, into);
  expect(into.subarray(0, size).toString()).toBe(expected);
});

test('a read that ends in the padding has it as NULs too', async () => {
  const into = Buffer.alloc(2, 0xff);
  expect(await image.read(2, into)).toBe(2);
  expect(into.toString()).toBe('c\0');
});
