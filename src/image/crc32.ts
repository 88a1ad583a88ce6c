import * as zlib from 'node:zlib';

/** Slicing by 8: eight tables, so that eight bytes are taken at a time. */
function makeTables(): readonly Int32Array[] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
  });
  const tables = [first];
  for (let i = 1; i < 8; i++) {
    const before = tables[i - 1] ?? first;
    tables.push(before.map((value) => (value >>> 8) ^ (first[value & 0xff] ?? 0)));
  }
  return tables;
}

let tables: readonly Int32Array[] | null = null;

/** As in gzip (RFC 1952): `value` is the sum of what came before. For a Node older than 20.15, which has none of its own. */
export function crc32Portable(bytes: Uint8Array, value = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = (tables ??= makeTables());
  if (!t0 || !t1 || !t2 || !t3 || !t4 || !t5 || !t6 || !t7) return 0;
  let crc = ~value;
  const whole = bytes.length & ~7;
  let at = 0;
  for (; at < whole; at += 8) {
    crc ^= (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
    crc =
      (t7[crc & 0xff] ?? 0) ^
      (t6[(crc >>> 8) & 0xff] ?? 0) ^
      (t5[(crc >>> 16) & 0xff] ?? 0) ^
      (t4[crc >>> 24] ?? 0) ^
      (t3[bytes[at + 4] ?? 0] ?? 0) ^
      (t2[bytes[at + 5] ?? 0] ?? 0) ^
      (t1[bytes[at + 6] ?? 0] ?? 0) ^
      (t0[bytes[at + 7] ?? 0] ?? 0);
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ (t0[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return ~crc >>> 0;
}

const own: unknown = 'crc32' in zlib ? zlib.crc32 : undefined;

/** As in gzip: the sum over all bytes so far, `value` that of those before. */
export const crc32: (bytes: Uint8Array, value?: number) => number = isCrc32(own) ? own : crc32Portable;

function isCrc32(value: unknown): value is typeof crc32Portable {
  return typeof value === 'function';
}
