/** Bytes that a walk over headers looks at, a few at a time. */
export interface Peekable {
  readonly size: number;
  peek(at: number, length: number): Uint8Array;
}

/** Where a compressed stream ends, found from its headers alone, without decompressing. */
export interface StreamWalk {
  /** Offset behind its last byte; where it does not hold, as far as it could be followed. */
  readonly end: number;
  /** Null where the headers do not say. */
  readonly unpackedSize: number | null;
  readonly fault?: { readonly kind: 'truncated' | 'corrupt'; readonly at: number; readonly detail: string };
}

/** Thrown inside a walk, never out of it: what ends it early. */
export class WalkFault extends Error {
  readonly kind: 'truncated' | 'corrupt';
  readonly at: number;

  constructor(kind: 'truncated' | 'corrupt', at: number, detail: string) {
    super(detail);
    this.kind = kind;
    this.at = at;
  }
}

/** A place in the bytes that moves on as fields are read. */
export interface Cursor {
  at: number;
  /** Exactly `length` bytes, at most 16 KiB; the next call overwrites them. */
  take(length: number): DataView;
  skip(length: number): void;
}

export function createCursor(source: Peekable, start: number): Cursor {
  const cursor: Cursor = {
    at: start,
    take(length) {
      const bytes = source.peek(cursor.at, length);
      if (bytes.length < length) throw new WalkFault('truncated', cursor.at, 'the data ends inside a header');
      cursor.at += length;
      return new DataView(bytes.buffer, bytes.byteOffset, length);
    },
    skip(length) {
      if (cursor.at + length > source.size)
        throw new WalkFault('truncated', cursor.at, `${length} bytes should follow, ${source.size - cursor.at} do`);
      cursor.at += length;
    },
  };
  return cursor;
}

/** Runs a walk to its end or its fault. `walk` returns the unpacked size. */
export function runWalk(source: Peekable, start: number, walk: (cursor: Cursor) => number | null): StreamWalk {
  const cursor = createCursor(source, start);
  try {
    const unpackedSize = walk(cursor);
    return { end: cursor.at, unpackedSize };
  } catch (error) {
    if (!(error instanceof WalkFault)) throw error;
    const { kind, at, message: detail } = error;
    return { end: kind === 'truncated' ? source.size : at, unpackedSize: null, fault: { kind, at, detail } };
  }
}

/** Bytes in memory, for a walk. */
export function peekBuffer(bytes: Uint8Array): Peekable {
  return { size: bytes.length, peek: (at, length) => bytes.subarray(at, Math.min(at + length, bytes.length)) };
}
