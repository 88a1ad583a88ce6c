/**
 * WebAssembly written by hand, for a loop over bytes that has to keep up with C: expressions as lists of bytes, and the
 * module around one function. https://webassembly.github.io/spec/core/binary/instructions.html
 */
export type Code = readonly number[];

/** A parameter or variable of the function, by its number; all are 32-bit integers. */
export const get = (local: number): Code => [0x20, local];
export const set = (local: number, value: Code): Code => [...value, 0x21, local];
export const constant = (value: number): Code => [0x41, ...signed(value)];

type Binary = (a: Code, b: Code) => Code;
const binary =
  (operation: number): Binary =>
  (a, b) => [...a, ...b, operation];
export const isEqual = binary(0x46);
export const isLess = binary(0x49);
export const isMore = binary(0x4b);
export const isAtLeast = binary(0x4f);
export const add = binary(0x6a);
export const subtract = binary(0x6b);
export const and = binary(0x71);
export const shiftRight = binary(0x76);
export const isZero = (value: Code): Code => [...value, 0x45];

/** Loads and stores name a byte of memory; the wider ones, at any alignment, are little-endian. */
export const load8 = (at: Code): Code => [...at, 0x2d, 0, 0];
export const load16 = (at: Code): Code => [...at, 0x2f, 0, 0];
export const copy8 = (to: Code, from: Code): Code => [...to, ...load8(from), 0x3a, 0, 0];
export const copy64 = (to: Code, from: Code): Code => [...to, ...from, 0x29, 0, 0, 0x37, 0, 0];

export const when = (condition: Code, ...then: readonly Code[]): Code => [
  ...condition,
  0x04,
  0x40,
  ...then.flat(),
  END,
];
/** Runs its body again where that comes to `again` or ends with `againWhen` of what holds. */
export const loop = (...body: readonly Code[]): Code => [0x03, 0x40, ...body.flat(), END];
export const again: Code = [0x0c, 0];
export const againWhen = (condition: Code): Code => [...condition, 0x0d, 0];
export const giveBack = (value: Code): Code => [...value, 0x0f];
export const unreachable: Code = [0x00];

const END = 0x0b;
const I32 = 0x7f;
const PAGE = 64 << 10;

export interface WasmFunction {
  readonly parameters: number;
  readonly variables: number;
  /** Gives back one number. */
  readonly body: readonly Code[];
}

/** The bytes of a module that exports `run`, the function, and `memory` of so many bytes at least. */
export function assemble({ parameters, variables, body }: WasmFunction, memory: number): Uint8Array {
  const code = [1, variables, I32, ...body.flat(), END];
  const exported = (name: string, kind: number): Code => [name.length, ...Buffer.from(name), kind, 0];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, parameters, ...Array.from({ length: parameters }, () => I32), 1, I32]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, ...unsigned(Math.ceil(memory / PAGE))]),
    ...section(7, [2, ...exported('memory', 2), ...exported('run', 0)]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]);
}

const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];

/** LEB128 of a number of at least 0. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** LEB128: the last byte's bit 6 is the sign. */
function signed(value: number): Code {
  return value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
