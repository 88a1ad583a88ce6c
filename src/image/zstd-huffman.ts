/** Huffman codes as zstd writes them down (RFC 8878, section 4.2). */

/** Looks up the next `bits` bits of a stream: how many of them the symbol there takes. */
export interface HuffmanTable {
  readonly bits: number;
  readonly lengths: Uint8Array;
}

/** Numbers that a bitstream is read from, and that are not what they must be. */
export class BadCode extends Error {}

const MAX_BITS = 11;
const MAX_SYMBOLS = 256;
const MAX_WEIGHT_LOG = 6;

/**
 * Reads the description of a code.
 * @returns the table, and how many bytes its description took
 * @throws BadCode
 */
export function readHuffmanTable(bytes: Uint8Array): { readonly table: HuffmanTable; readonly size: number } {
  const head = bytes[0] ?? 0;
  const size = 1 + (head < 128 ? head : (head - 126) >> 1);
  if (size > bytes.length) throw new BadCode();
  const weights = head < 128 ? readWeights(bytes.subarray(1, size)) : plainWeights(bytes.subarray(1, size), head - 127);
  return { table: tableOf(weights), size };
}

/** Two to a byte. */
function plainWeights(bytes: Uint8Array, count: number): number[] {
  return Array.from({ length: count }, (_, at) => {
    const pair = bytes[at >> 1] ?? 0;
    return at % 2 === 0 ? pair >> 4 : pair & 15;
  });
}

/** By two states of one finite-state code, by turns, until the stream is used up. */
function readWeights(bytes: Uint8Array): number[] {
  const { log, size, symbols, lengths, bases } = readStates(bytes);
  const stream = bytes.subarray(size);
  let at = streamBits(stream);
  const take = (count: number): number => {
    at -= count;
    let value = 0;
    for (let bit = count - 1; bit >= 0; bit--) value = (value << 1) | bitAt(stream, at + bit);
    return value;
  };
  const weights: number[] = [];
  const states: [number, number] = [take(log), take(log)];
  for (let turn: 0 | 1 = 0; weights.length < MAX_SYMBOLS; turn = turn === 0 ? 1 : 0) {
    const state = states[turn];
    weights.push(symbols[state] ?? 0);
    states[turn] = (bases[state] ?? 0) + take(lengths[state] ?? 0);
    if (at >= 0) continue;
    weights.push(symbols[states[turn === 0 ? 1 : 0]] ?? 0);
    return weights;
  }
  throw new BadCode();
}

/** The last symbol's weight is not written down: it makes the sum a power of two. */
function tableOf(weights: readonly number[]): HuffmanTable {
  let sum = 0;
  for (const weight of weights) sum += weight === 0 ? 0 : 2 ** (weight - 1);
  const bits = sum === 0 ? 0 : Math.floor(Math.log2(sum)) + 1;
  const last = Math.log2(2 ** bits - sum) + 1;
  if (bits === 0 || bits > MAX_BITS || !Number.isInteger(last) || weights.length >= MAX_SYMBOLS) throw new BadCode();
  const lengths = new Uint8Array(2 ** bits);
  let at = 0;
  const all = [...weights, last];
  for (let weight = 1; weight <= bits; weight++)
    for (const one of all) if (one === weight) at = fill(lengths, at, 2 ** (weight - 1), bits + 1 - weight);
  return { bits, lengths };
}

function fill(lengths: Uint8Array, from: number, count: number, length: number): number {
  lengths.fill(length, from, from + count);
  return from + count;
}

/** A finite-state code (section 4.1.1): of each state its symbol, how many bits lead on, and what they are added to. */
function readStates(bytes: Uint8Array) {
  const { log, counts, size } = readCounts(bytes);
  const states = 2 ** log;
  const symbols = new Uint8Array(states);
  let high = states;
  counts.forEach((count, symbol) => {
    if (count === -1) symbols[--high] = symbol;
  });
  const step = (states >> 1) + (states >> 3) + 3;
  let at = 0;
  counts.forEach((count, symbol) => {
    for (let i = 0; i < count; i++) {
      symbols[at] = symbol;
      do at = (at + step) & (states - 1);
      while (at >= high);
    }
  });
  const next = counts.map((count) => Math.abs(count));
  const lengths = new Uint8Array(states);
  const bases = new Uint8Array(states);
  symbols.forEach((symbol, state) => {
    const number = next[symbol] ?? 1;
    next[symbol] = number + 1;
    const length = log - Math.floor(Math.log2(number));
    lengths[state] = length;
    bases[state] = (number << length) - states;
  });
  return { log, size, symbols, lengths, bases };
}

/** How many states each symbol has; -1: one, of those that are left over. */
function readCounts(bytes: Uint8Array) {
  let at = 0;
  const take = (count: number): number => {
    let value = 0;
    for (let bit = 0; bit < count; bit++) value |= bitAt(bytes, at + bit) << bit;
    at += count;
    return value;
  };
  const log = take(4) + 5;
  if (log > MAX_WEIGHT_LOG) throw new BadCode();
  const counts: number[] = [];
  for (let left = 2 ** log; left > 0;) {
    const bits = Math.floor(Math.log2(left + 1)) + 1;
    const few = 2 ** bits - 1 - (left + 1);
    let value = take(bits - 1);
    if (value >= few) {
      value |= take(1) << (bits - 1);
      if (value >= 2 ** (bits - 1)) value -= few;
    }
    counts.push(value - 1);
    left -= Math.abs(value - 1);
    for (let zeros = value === 1 ? 3 : 0; zeros === 3;) {
      zeros = take(2);
      for (let i = 0; i < zeros; i++) counts.push(0);
    }
    if (left < 0 || counts.length > MAX_SYMBOLS || at > bytes.length * 8) throw new BadCode();
  }
  return { log, counts, size: (at + 7) >> 3 };
}

/** How many bits a stream that is read from its end holds: the highest one that is set ends it. */
export function streamBits(stream: Uint8Array): number {
  const last = stream[stream.length - 1] ?? 0;
  if (last === 0) throw new BadCode();
  return stream.length * 8 - 8 + 31 - Math.clz32(last);
}

/** Before the first bit there are zeros. */
function bitAt(bytes: Uint8Array, at: number): number {
  return at < 0 ? 0 : ((bytes[at >> 3] ?? 0) >> (at & 7)) & 1;
}
