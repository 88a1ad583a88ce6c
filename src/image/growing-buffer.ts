/** A buffer that grows with what is put in, never by what a header promises, and is used again. */
export interface GrowingBuffer {
  append(bytes: Uint8Array): void;
  /** What is in it, good until the next call. */
  readonly bytes: Buffer;
  readonly size: number;
  clear(): void;
}

/** What is kept for the next use: one large file must not hold its memory for ever. */
const KEPT = 4 << 20;

export function createGrowingBuffer(): GrowingBuffer {
  let buffer = Buffer.alloc(0);
  let size = 0;
  return {
    append(bytes) {
      if (size + bytes.length > buffer.length) {
        const larger = Buffer.allocUnsafeSlow(Math.max(64 << 10, 2 * buffer.length, size + bytes.length));
        buffer.copy(larger, 0, 0, size);
        buffer = larger;
      }
      buffer.set(bytes, size);
      size += bytes.length;
    },
    get bytes() {
      return buffer.subarray(0, size);
    },
    get size() {
      return size;
    },
    clear() {
      size = 0;
      if (buffer.length > KEPT) buffer = Buffer.alloc(0);
    },
  };
}
