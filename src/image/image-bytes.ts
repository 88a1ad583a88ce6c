import { read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { BellwetherError } from '../protocol/errors.ts';
import { peekBuffer } from './stream-walk.ts';

const readPart = promisify(read);

/** A stretch of one file that is part of the image. */
export interface Extent {
  /** Open, for reading. */
  readonly descriptor: number;
  /** Index into ImageFacts.files. */
  readonly file: number;
  /** Bytes, in that file. */
  readonly offset: number;
  readonly size: number;
  /** Whether the file ends with it. */
  readonly toEnd: boolean;
}

/** The image as the kernel finds it in memory: all extents one after another, each padded with NULs to 4 bytes. */
export interface ImageBytes {
  readonly size: number;
  /** Up to `length` bytes at `at`, fewer at the end: for the few bytes of a header. The next call overwrites them. */
  peek(at: number, length: number): Uint8Array;
  /** Fills `into` from `at` on; resolves to how many bytes there were. */
  read(at: number, into: Uint8Array): Promise<number>;
  /**
   * A descriptor that a program can read these bytes from, and nothing behind them: where they run to the end of one file.
   * Null where there is none. Given once for a file, since who reads from it moves it on.
   */
  descriptorOf(from: number, to: number): number | null;
  /** The file that holds this position, and where in it. */
  locate(at: number): { readonly file: number; readonly offset: number };
}

const ALIGNMENT = 4;
const WINDOW = 16 << 10;

interface Placed extends Extent {
  /** Where it starts in memory. */
  readonly start: number;
}

export function joinExtents(extents: readonly Extent[]): ImageBytes {
  const placed: Placed[] = [];
  let size = 0;
  for (const extent of extents) {
    size = Math.ceil(size / ALIGNMENT) * ALIGNMENT;
    placed.push({ ...extent, start: size });
    size += extent.size;
  }

  /** The pieces that make up `length` bytes at `at`; what no extent holds is padding. */
  const pieces = (at: number, length: number) => {
    const end = Math.min(size, at + length);
    return placed
      .filter(({ start, size: bytes }) => start < end && at < start + bytes)
      .map((extent) => {
        const from = Math.max(at, extent.start);
        return {
          descriptor: extent.descriptor,
          position: extent.offset + from - extent.start,
          to: from - at,
          length: Math.min(end, extent.start + extent.size) - from,
        };
      });
  };

  const given = new Set<number>();
  const window = Buffer.alloc(WINDOW);
  let windowAt = 0;
  let windowSize = 0;
  const slide = (at: number): void => {
    windowAt = at;
    windowSize = Math.max(0, Math.min(WINDOW, size - at));
    window.fill(0);
    for (const piece of pieces(at, windowSize))
      readSync(piece.descriptor, window, piece.to, piece.length, piece.position);
  };

  return {
    size,
    peek(at, length) {
      if (at < windowAt || at + Math.min(length, size - at) > windowAt + windowSize) slide(at);
      const from = Math.min(at - windowAt, windowSize);
      return window.subarray(from, Math.min(from + length, windowSize));
    },
    async read(at, into) {
      const length = Math.max(0, Math.min(into.length, size - at));
      const wanted = pieces(at, length);
      const held = wanted.reduce((sum, piece) => sum + piece.length, 0);
      if (held < length) into.fill(0, 0, length); // the padding before or between them
      for (const { descriptor, to, length: bytes, position } of wanted) {
        let done = 0;
        while (done < bytes) {
          const { bytesRead } = await readPart(descriptor, into, to + done, bytes - done, position + done);
          if (bytesRead === 0)
            throw new BellwetherError('image_unreadable', 'the image became shorter while it was read');
          done += bytesRead;
        }
      }
      return length;
    },
    descriptorOf(from, to) {
      const extent = placed.find(({ start, size: bytes }) => start <= from && to === start + bytes);
      if (extent === undefined || given.has(extent.descriptor) || !extent.toEnd) return null;
      given.add(extent.descriptor);
      return moveOn(extent.descriptor, extent.offset + from - extent.start) ? extent.descriptor : null;
    },
    locate(at) {
      const extent = placed.filter(({ start }) => start <= at).pop();
      if (extent === undefined) return { file: 0, offset: 0 };
      return { file: extent.file, offset: extent.offset + Math.min(at - extent.start, extent.size) };
    },
  };
}

/** Moves a descriptor's own position on by reading: all other reads here name theirs, and Node has no seek. */
function moveOn(descriptor: number, bytes: number): boolean {
  const passed = Buffer.allocUnsafeSlow(Math.min(bytes, 1 << 20));
  let left = bytes;
  while (left > 0) {
    const count = readSync(descriptor, passed, 0, Math.min(left, passed.length), null);
    if (count === 0) return false;
    left -= count;
  }
  return true;
}

/** Bytes in memory as an image of one file. */
export function bufferAsImage(bytes: Uint8Array): ImageBytes {
  return {
    ...peekBuffer(bytes),
    read(at, into) {
      const part = bytes.subarray(at, at + into.length);
      into.set(part);
      return Promise.resolve(part.length);
    },
    descriptorOf: () => null,
    locate: (offset) => ({ file: 0, offset }),
  };
}
