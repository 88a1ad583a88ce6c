/** DER (ITU-T X.690), as far as certificates and signatures need it: tags of one byte, lengths that are told. */

/** One value: where it begins, where its content lies. Offsets in the bytes it was read from. */
export interface DerValue {
  readonly tag: number;
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

export const SEQUENCE = 0x30;
export const SET = 0x31;
export const INTEGER = 0x02;
export const OCTETS = 0x04;
export const OBJECT = 0x06;
/** `[0]` and `[1]`, constructed. */
export const CONTEXT_0 = 0xa0;
export const CONTEXT_1 = 0xa1;

/** The value at `at`; null where none lies whole before `end`. */
export function readDer(bytes: Uint8Array, at: number, end: number): DerValue | null {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (at + 2 > end || tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return null;
  let from = at + 2;
  let size = first;
  if (first >= 0x80) {
    const digits = first - 0x80;
    if (digits === 0 || digits > 4 || from + digits > end) return null;
    size = 0;
    for (; from < at + 2 + digits; from++) size = size * 256 + (bytes[from] ?? 0);
  }
  return from + size > end ? null : { tag, start: at, from, to: from + size };
}

/** What a value holds, one after another; null where that is not just what its length says. */
export function readDerInside(bytes: Uint8Array, { from, to }: DerValue): readonly DerValue[] | null {
  const found: DerValue[] = [];
  for (let at = from; at < to;) {
    const value = readDer(bytes, at, to);
    if (value === null) return null;
    found.push(value);
    at = value.to;
  }
  return found;
}

/** A value's content as hexadecimal digits. */
export function derHex(bytes: Uint8Array, { from, to }: DerValue): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('hex');
}
