import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { peekBuffer } from '../../../src/image/stream-walk.ts';
import { createLiteralsCheck } from '../../../src/image/zstd-literals.ts';
import { walkZstd } from '../../../src/image/zstd-walk.ts';
import { mutate } from './mutate.ts';

const frame = readFileSync(new URL('fixtures/zstd.img', import.meta.url));
const blocks: Buffer[] = [];
walkZstd(peekBuffer(frame), 0, ({ at, size }) => blocks.push(frame.subarray(at, at + size)));

/** The kind of a block's literals, and where they end: 3 bytes of header with sizes of 10 bits, 4 with 14. */
const literalsOf = (block: Buffer) => {
  const bits = (block[0]! & 0x0c) < 8 ? 10 : 14;
  const packed = (block.readUInt32LE(0) >>> (4 + bits)) % 2 ** bits;
  return { kind: block[0]! & 3, end: (bits === 10 ? 3 : 4) + packed };
};
const HUFFMAN = 2;
const coded = blocks.filter((block) => literalsOf(block).kind === HUFFMAN);

test('what zstd wrote holds, block after block', () => {
  const holds = createLiteralsCheck();
  expect(blocks.map(holds)).toEqual(blocks.map(() => true));
  expect(coded.length).toBeGreaterThan(1);
});

test('one symbol more or less than the bits are for does not', () => {
  for (const block of coded)
    for (const one of [1, -1]) {
      const other = Buffer.from(block);
      other.writeUInt32LE(block.readUInt32LE(0) + 16 * one, 0);
      expect(createLiteralsCheck()(other)).toBe(false);
    }
});

test('nor do fewer bytes than there are to be, or a stream without an end', () => {
  for (const block of coded) {
    const { end } = literalsOf(block);
    expect(createLiteralsCheck()(block.subarray(0, end - 1))).toBe(false);
    expect(createLiteralsCheck()(Buffer.from(block).fill(0, end - 1, end))).toBe(false);
  }
});

test('a block that goes by the code of one before it needs one', () => {
  const [first] = coded;
  const treeless = Buffer.from(first!);
  treeless.writeUInt8(treeless.readUInt8(0) | 3);
  expect(createLiteralsCheck()(treeless)).toBe(false);
});

test('whatever is in a block, there is an answer', () => {
  for (let seed = 0; seed < 2000; seed++) {
    const { bytes } = mutate(blocks[seed % blocks.length]!, seed);
    expect(typeof createLiteralsCheck()(bytes)).toBe('boolean');
  }
});
