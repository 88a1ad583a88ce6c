import { types } from 'node:util';
import {
  add,
  again,
  againWhen,
  and,
  assemble,
  constant,
  copy64,
  copy8,
  get,
  giveBack,
  isAtLeast,
  isEqual,
  isLess,
  isMore,
  isZero,
  load16,
  load8,
  loop,
  set,
  shiftRight,
  subtract,
  unreachable,
  when,
} from './wasm.ts';

/** What one block of a legacy stream unpacks to at most. */
const UNPACKED = 8 << 20;
/** The most that so much can grow to when it does not compress (LZ4_compressBound). */
export const MAX_BLOCK = UNPACKED + Math.ceil(UNPACKED / 255) + 16;
/** Copies are done eight bytes at a time, and may go over the end. */
const SLACK = 64;
const PACKED_AT = UNPACKED + SLACK;

/** Unpacks LZ4 blocks, one after another, in memory of its own. */
export interface Lz4Decoder {
  /** Where a block of this size has to be put. */
  packed(size: number): Buffer;
  /** What the block of this size unpacks to, good until the next; null where it does not hold or is larger than 8 MiB. */
  unpack(size: number): Buffer | null;
}

const idle: Lz4Decoder[] = [];

/**
 * Lends a decoder: in WebAssembly this is as fast as lz4's own program, without the pipe to it, which takes twice as long as
 * the unpacking. The memory of one is used again, whatever number of streams an image has.
 * @returns what `use` does, or null where this Node has no WebAssembly, or no room for its memory
 */
export async function withLz4Decoder<T>(use: (decoder: Lz4Decoder) => Promise<T>): Promise<T | null> {
  const decoder = idle.pop() ?? createLz4Decoder();
  if (decoder === null) return null;
  try {
    return await use(decoder);
  } finally {
    idle.push(decoder);
  }
}

export function createLz4Decoder(): Lz4Decoder | null {
  const instance = instantiate(assemble(UNPACK_BLOCK, PACKED_AT + MAX_BLOCK + SLACK));
  if (instance === null) return null;
  const { memory, run } = instance.exports;
  if (!isMemory(memory) || !isRun(run)) return null;
  const { buffer } = memory;
  return {
    packed: (size) => Buffer.from(buffer, PACKED_AT, size),
    unpack(size) {
      const unpacked = run(PACKED_AT, PACKED_AT + size, UNPACKED);
      return unpacked < 0 ? null : Buffer.from(buffer, 0, unpacked);
    },
  };
}

function instantiate(code: Uint8Array) {
  if (typeof WebAssembly === 'undefined') return null;
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(code));
  } catch (error) {
    // It reserves much address space, of which a limit (ulimit -v) may leave too little.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

type Run = (at: number, end: number, room: number) => number;

function isRun(value: unknown): value is Run {
  return typeof value === 'function';
}

function isMemory(value: unknown): value is { readonly buffer: ArrayBuffer } {
  return typeof value === 'object' && value !== null && 'buffer' in value && types.isArrayBuffer(value.buffer);
}

/** Parameters: the block's bytes are from `at` to `end`, and `room` is where those unpacked, from 0 on, must end. */
const [at, end, room] = [0, 1, 2];
const [to, token, length, distance, period, done, more] = [3, 4, 5, 6, 7, 8, 9];

const fail = giveBack(constant(-1));
const advance = (local: number, by: number): readonly number[] => set(local, add(get(local), constant(by)));

/** A length of 15, or 19 of a match, goes on in the bytes that follow, up to the first below 255. */
const lengthGoesOn = loop(
  when(isAtLeast(get(at), get(end)), fail),
  set(more, load8(get(at))),
  advance(at, 1),
  set(length, add(get(length), get(more))),
  againWhen(isEqual(get(more), constant(255))),
);

const failUnlessRoom = when(isMore(get(length), subtract(get(room), get(to))), fail);

/** https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md; gives back the size unpacked, or -1. */
const UNPACK_BLOCK = {
  parameters: 3,
  variables: 7,
  body: [
    loop(
      when(isAtLeast(get(at), get(end)), fail), // a block ends with literals
      set(token, load8(get(at))),
      advance(at, 1),

      set(length, shiftRight(get(token), constant(4))),
      when(isEqual(get(length), constant(15)), lengthGoesOn),
      when(isMore(get(length), subtract(get(end), get(at))), fail),
      failUnlessRoom,
      set(done, constant(0)),
      loop(
        copy64(add(get(to), get(done)), add(get(at), get(done))),
        advance(done, 8),
        againWhen(isLess(get(done), get(length))),
      ),
      set(at, add(get(at), get(length))),
      set(to, add(get(to), get(length))),
      when(isEqual(get(at), get(end)), giveBack(get(to))),

      when(isLess(subtract(get(end), get(at)), constant(2)), fail),
      set(distance, load16(get(at))),
      advance(at, 2),
      set(length, add(and(get(token), constant(15)), constant(4))),
      when(isEqual(get(length), constant(19)), lengthGoesOn),
      when(isZero(get(distance)), fail),
      when(isMore(get(distance), get(to)), fail),
      failUnlessRoom,
      set(period, get(distance)),
      set(done, constant(0)),
      // What repeats after fewer than 8 bytes repeats after 8 to 14 as well: these are copied one by one.
      when(
        isLess(get(period), constant(8)),
        loop(set(period, add(get(period), get(period))), againWhen(isLess(get(period), constant(8)))),
        loop(
          copy8(add(get(to), get(done)), subtract(add(get(to), get(done)), get(distance))),
          advance(done, 1),
          againWhen(isLess(get(done), get(period))),
        ),
      ),
      when(
        isLess(get(done), get(length)),
        loop(
          copy64(add(get(to), get(done)), subtract(add(get(to), get(done)), get(period))),
          advance(done, 8),
          againWhen(isLess(get(done), get(length))),
        ),
      ),
      set(to, add(get(to), get(length))),
      again,
    ),
    unreachable,
  ],
};
