/** A random number below 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What damage does to bytes; each takes them and a random number below its argument. */
const MUTATIONS: Readonly<Record<string, (bytes: Buffer, pick: (below: number) => number) => Buffer>> = {
  flip_bit(bytes, pick) {
    const at = pick(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << pick(8));
    return bytes;
  },
  set_byte(bytes, pick) {
    bytes[pick(bytes.length)] = [0, 0xff, 0x30, 0x2f, pick(256)][pick(5)] ?? 0;
    return bytes;
  },
  cut_off: (bytes, pick) => bytes.subarray(0, pick(bytes.length)),
  leave_out(bytes, pick) {
    const at = pick(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + pick(64))]);
  },
  insert(bytes, pick) {
    const at = pick(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(1 + pick(64), pick(256)), bytes.subarray(at)]);
  },
  repeat(bytes, pick) {
    const at = pick(bytes.length);
    return Buffer.concat([bytes.subarray(0, at + pick(512)), bytes.subarray(at)]);
  },
  zero(bytes, pick) {
    const at = pick(bytes.length);
    return bytes.fill(0, at, Math.min(bytes.length, at + 1 + pick(512)));
  },
  /** Numbers that lie, in the hex digits of a header or as a word. */
  lie(bytes, pick) {
    const at = pick(bytes.length);
    const lies = ['ffffffff', '7fffffff', '00000000', '80000000', '00001001'];
    const lie = lies[pick(lies.length)] ?? '';
    if (pick(2) === 0) bytes.write(lie, at, 'latin1');
    else bytes.set(Buffer.from(lie, 'hex').subarray(0, bytes.length - at), at);
    return bytes;
  },
};

/** Damages a copy of `bytes` once; the same seed does the same damage. `what` names it for a failing test. */
export function mutate(bytes: Uint8Array, seed: number): { readonly bytes: Buffer; readonly what: string } {
  const random = randomFrom(seed);
  const pick = (below: number): number => Math.floor(random() * below);
  const names = Object.keys(MUTATIONS);
  const what = names[pick(names.length)] ?? '';
  const mutated = MUTATIONS[what]?.(Buffer.from(bytes), pick) ?? Buffer.from(bytes);
  return { bytes: mutated, what: `${what}, seed ${seed}` };
}
