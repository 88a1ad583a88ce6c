/** A buffer of one fixed capacity that is used again and again. */
export interface ReservedBuffer {
  /** Takes as much as there is room for. */
  append(bytes: Uint8Array): void;
  /** What is in it, good until the next call. */
  readonly bytes: Buffer;
  readonly size: number;
  clear(): void;
}

/** Most files fit: the reserve is for the others. */
const SMALL = 64 << 10;

/**
 * Reserves address space, not memory: the system gives memory to the pages that are written, so that a buffer for the largest
 * file that is read costs what the largest file that came did, whatever any header promises, and nothing is copied again and
 * again to grow.
 */
export function createReservedBuffer(capacity: number): ReservedBuffer {
  let buffer: Buffer | null = null;
  let size = 0;
  const room = (wanted: number): Buffer => {
    buffer ??= Buffer.allocUnsafeSlow(Math.min(SMALL, capacity));
    if (wanted <= buffer.length) return buffer;
    const larger = Buffer.allocUnsafeSlow(capacity);
    buffer.copy(larger, 0, 0, size);
    return (buffer = larger);
  };
  return {
    append(bytes) {
      const part = bytes.length <= capacity - size ? bytes : bytes.subarray(0, capacity - size);
      room(size + part.length).set(part, size);
      size += part.length;
    },
    get bytes() {
      return room(size).subarray(0, size);
    },
    get size() {
      return size;
    },
    clear() {
      size = 0;
    },
  };
}
