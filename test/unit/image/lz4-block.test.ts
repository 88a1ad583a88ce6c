import { describe, expect, test } from '@jest/globals';
import { createLz4Decoder } from '../../../src/image/lz4-block.ts';

const decoder = createLz4Decoder();

function unpack(...bytes: readonly number[]): string | null {
  if (decoder === null) throw new Error('this Node has no WebAssembly');
  decoder.packed(bytes.length).set(bytes);
  return decoder.unpack(bytes.length)?.toString('latin1') ?? null;
}

const ascii = (text: string): readonly number[] => [...Buffer.from(text)];

describe('an lz4 block', () => {
  test.each([
    ['literals alone', [0x50, ...ascii('hello')], 'hello'],
    ['no literal at all', [0x00], ''],
    ['a match that lies behind', [0x46, ...ascii('abcd'), 4, 0, 0x10, ...ascii('!')], 'abcdabcdabcdab!'],
    ['a match of one byte, again and again', [0x1f, ...ascii('a'), 1, 0, 1, 0x10, ...ascii('!')], `${'a'.repeat(21)}!`],
    ['a match of three bytes', [0x36, ...ascii('abc'), 3, 0, 0x10, ...ascii('!')], 'abcabcabcabca!'],
    [
      'a match of seven bytes',
      [0x7f, ...ascii('abcdefg'), 7, 0, 5, 0x10, ...ascii('!')],
      `${'abcdefg'.repeat(5).slice(0, 31)}!`,
    ],
    ['nine bytes behind', [0x96, ...ascii('abcdefghi'), 9, 0, 0x10, ...ascii('!')], 'abcdefghiabcdefghia!'],
    ['a length that goes on', [0xf0, 255, 2, ...ascii('x'.repeat(272))], 'x'.repeat(272)],
  ])('%s', (_, bytes, text) => {
    expect(unpack(...bytes)).toBe(text);
  });

  test.each([
    ['no byte', []],
    ['fewer literals than it says', [0x50, ...ascii('hell')]],
    ['a length without end', [0xf0, 255, 255]],
    ['no distance', [0x40, ...ascii('abcd')].concat([4])],
    ['a distance of 0', [0x40, ...ascii('abcd'), 0, 0, 0x00]],
    ['a match before its begin', [0x40, ...ascii('abcd'), 5, 0, 0x00]],
    ['no literals at its end', [0x40, ...ascii('abcd'), 4, 0]],
    ['more than 8 MiB', [0x1f, ...ascii('a'), 1, 0, ...Array.from({ length: 33_000 }, () => 255), 0, 0x00]],
  ])('with %s does not unpack', (_, bytes) => {
    expect(unpack(...bytes)).toBeNull();
  });

  test('of 8 MiB unpacks to the last byte', () => {
    const matched = (8 << 20) - 2;
    const rest = matched - 19;
    const more = [...Array.from({ length: Math.floor(rest / 255) }, () => 255), rest % 255];
    expect(unpack(0x1f, ...ascii('a'), 1, 0, ...more, 0x10, ...ascii('b'))).toBe(`${'a'.repeat((8 << 20) - 1)}b`);
  });
});
