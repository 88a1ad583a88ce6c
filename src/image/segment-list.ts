import type { ImageBytes } from './image-bytes.ts';
import type { Compression, Segment } from './types.ts';

/** The segments of an image as they are come upon; the last one is open. */
export interface SegmentList {
  open(at: number, compression: Compression, xzCheck?: Segment['xzCheck']): void;
  /** Ends the open one, whose bytes in the image reach up to `end`. */
  close(end: number, unpackedSize: number): void;
  member(name: string): void;
  trailer(): void;
  /** Index of the open one, or of the last. */
  readonly index: number;
  readonly trailerSeen: boolean;
  list(): readonly Segment[];
}

/** Microcode and ACPI tables, which the kernel looks for before it unpacks anything; dracut adds a mark of its own. */
const EARLY = /^(?:\.?\/)*(?:\.?|early_cpio|kernel(?:\/.*)?)$/;

interface OpenSegment {
  readonly at: number;
  readonly compression: Compression;
  readonly xzCheck: Segment['xzCheck'];
  entries: number;
  early: boolean;
  trailer: boolean;
}

export function createSegmentList(image: ImageBytes): SegmentList {
  const closed: Segment[] = [];
  let current: OpenSegment | null = null;
  return {
    open(at, compression, xzCheck) {
      current = { at, compression, xzCheck, entries: 0, early: true, trailer: false };
    },
    close(end, unpackedSize) {
      if (current === null) return;
      const { at, compression, xzCheck, entries, early, trailer } = current;
      closed.push({
        ...image.locate(at),
        size: end - at,
        compression,
        unpackedSize,
        entries,
        early: early && entries > 0,
        trailer,
        ...(xzCheck === undefined ? {} : { xzCheck }),
      });
      current = null;
    },
    member(name) {
      if (current === null) return;
      current.entries++;
      current.early &&= EARLY.test(name);
    },
    trailer() {
      if (current !== null) current.trailer = true;
    },
    get index() {
      return current === null ? Math.max(0, closed.length - 1) : closed.length;
    },
    get trailerSeen() {
      return current?.trailer ?? false;
    },
    list: () => closed,
  };
}
