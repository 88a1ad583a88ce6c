/** An ELF file's bytes, read in its own class and byte order. Reads beyond the end raise a RangeError. */
export interface ElfView {
  readonly bytes: Uint8Array;
  u16(at: number): number;
  u32(at: number): number;
  /** An address, offset or size of the class's width; Infinity where no file could be so large. */
  word(at: number): number;
  /** A NUL-ended string, or null where it reaches beyond `end`. */
  string(at: number, end: number): string | null;
}

export function createView(bytes: Uint8Array, wide: boolean, little: boolean): ElfView {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u32 = (at: number): number => data.getUint32(at, little);
  return {
    bytes,
    u16: (at) => data.getUint16(at, little),
    u32,
    word(at) {
      if (!wide) return u32(at);
      const high = u32(at + (little ? 4 : 0));
      return high > 0x1fffff ? Infinity : high * 2 ** 32 + u32(at + (little ? 0 : 4));
    },
    string(at, end) {
      const stop = buffer.indexOf(0, at);
      return stop === -1 || stop >= end ? null : buffer.toString('utf8', at, stop);
    },
  };
}
