import { detectCompression } from './compression.ts';
import type { ContentReader } from './content-reader.ts';
import { createCpioParser } from './cpio-parser.ts';
import type { ImageBytes } from './image-bytes.ts';
import { LZ4_MODERN_MAGIC } from './lz4-walk.ts';
import { createMemberSink } from './member-sink.ts';
import { createProblemList } from './problem-list.ts';
import { createRootfs } from './rootfs.ts';
import type { Inode } from './rootfs.ts';
import { isSealed } from './sealed.ts';
import { createSegmentList } from './segment-list.ts';
import type { Compression, ImageProblem, Segment } from './types.ts';
import { unpackStream } from './unpack-stream.ts';
import type { StreamFault } from './unpacked.ts';
import { readXzCheck } from './xz-walk.ts';

export interface UnpackedImage {
  readonly root: Inode;
  readonly segments: readonly Segment[];
  readonly problems: readonly ImageProblem[];
  readonly unpackedSize: number;
}

export interface UnpackOptions {
  readonly maxUnpacked: number;
  /** Null, or settles when reading may go on. */
  readonly pressure: () => Promise<void> | null;
  /** Throws where the caller wants no more. */
  readonly checkpoint: () => void;
}

const PIECE = 256 << 10;
const ZERO = 0x30;

/**
 * Unpacks an image as the kernel does (init/initramfs.c, unpack_to_rootfs): plain archives at multiples of 4,
 * NULs between, compressed streams told by their first two bytes, and an end to it all at the first thing that does not hold.
 * The kernel keeps what it has unpacked until then; so do we, and tell.
 */
export async function unpackImage(
  image: ImageBytes,
  content: ContentReader,
  options: UnpackOptions,
): Promise<UnpackedImage> {
  const rootfs = createRootfs();
  const problems = createProblemList();
  const segments = createSegmentList(image);
  const progress = { unpacked: 0, stopped: false };

  /** Where in a compressed stream's file an offset of what it unpacks to is, cannot be said: its start is. */
  const tell = (kind: ImageProblem['kind'], at: number, detail: string, entry?: string | null): void => {
    problems.add({ kind, ...image.locate(at), detail, ...(entry === null || entry === undefined ? {} : { entry }) });
  };
  const stop = (kind: ImageProblem['kind'], at: number, detail: string, entry?: string | null): false => {
    tell(kind, at, detail, entry);
    progress.stopped = true;
    return false;
  };

  let streamStart: number | null = null;
  let plainStart = 0;
  let sealed = false;
  const parser = createCpioParser(
    createMemberSink({
      rootfs,
      content,
      segments,
      sealed: () => sealed,
      ignored: (name, why) => {
        tell('entry_ignored', streamStart ?? parser.offset, why, name);
      },
      tooMany: (what) => {
        if (!progress.stopped) stop('limit', streamStart ?? parser.offset, what);
      },
      nextArchive: (at) => {
        if (streamStart !== null) return;
        segments.close(parser.segmentEnd, parser.segmentEnd - plainStart);
        segments.open(at, 'none');
        plainStart = at;
      },
    }),
  );

  const skipNuls = async (from: number): Promise<number> => {
    const piece = Buffer.allocUnsafeSlow(Math.min(PIECE, image.size - from));
    for (let at = from; at < image.size;) {
      options.checkpoint();
      const size = await image.read(at, piece);
      for (let i = 0; i < size; i++) if (piece[i] !== 0) return at + i;
      at += size;
    }
    return image.size;
  };

  const readPlain = async (from: number): Promise<number> => {
    segments.open(from, 'none');
    streamStart = null;
    sealed = false;
    plainStart = from;
    parser.begin(from, true);
    const piece = Buffer.allocUnsafeSlow(Math.min(PIECE, image.size - from));
    let at = from;
    for (let more = true; more && at < image.size && !progress.stopped;) {
      options.checkpoint();
      const size = await image.read(at, piece);
      if (progress.unpacked + at + size - from > options.maxUnpacked) return stopAtLimit(at);
      const taken = parser.push(piece.subarray(0, size));
      more = taken === size;
      at += taken;
      await options.pressure();
    }
    progress.unpacked += at - from;
    const end = parser.between ? parser.segmentEnd : parser.offset;
    segments.close(end, end - plainStart);
    if (parser.fault !== null) stop(parser.fault.kind, parser.fault.at, parser.fault.detail, parser.current);
    else if (!progress.stopped && !parser.between)
      stop('truncated', image.size, endsInside(parser.current), parser.current);
    return at;
  };

  const stopAtLimit = (at: number): number => {
    stop('limit', at, `more than ${options.maxUnpacked} bytes unpacked: reading stopped`);
    return image.size;
  };

  /** What the kernel says at the end of a compressed stream: first of the archive in it, then of the stream, then of both. */
  const judgeEnd = (from: number, size: number, fault: StreamFault | undefined): void => {
    const whole = parser.between && (segments.list().slice(-1)[0]?.trailer ?? false);
    if (parser.fault !== null) {
      const { kind, at: offset, detail } = parser.fault;
      stop(kind, from, `at ${offset} of what it unpacks to: ${detail}`, parser.current);
      return;
    }
    const kind = whole ? (fault?.ifWhole ?? fault?.kind) : fault?.kind;
    if (fault !== undefined && kind !== undefined) tell(kind, fault.at ?? from, fault.detail, parser.current);
    if (fault?.kind === 'program_absent') return;
    if (fault !== undefined && fault.told !== true) progress.stopped = true;
    else if (!parser.between) {
      const what = size === 0 ? 'the stream is whole and empty' : `the stream is whole: ${endsInside(parser.current)}`;
      stop('truncated', from, what, parser.current);
    }
  };

  const readCompressed = async (compression: Exclude<Compression, 'none'>, from: number): Promise<number> => {
    segments.open(from, compression, compression === 'xz' ? readXzCheck(image, from) : undefined);
    streamStart = from;
    sealed = isSealed(compression, image, from);
    parser.begin(0, false);
    let size = 0;
    const { end, fault } = await unpackStream(compression, image, from, (bytes) => {
      options.checkpoint();
      size += bytes.length;
      if (progress.unpacked + size > options.maxUnpacked) {
        stopAtLimit(from);
        return false;
      }
      if (parser.push(bytes) < bytes.length || progress.stopped) return false;
      const wait = options.pressure();
      return wait === null || wait.then(() => true);
    });
    progress.unpacked += size;
    segments.close(end, size);
    if (progress.stopped) return end;
    judgeEnd(from, size, fault);
    return end;
  };

  let at = 0;
  while (at < image.size && !progress.stopped) {
    const head = image.peek(at, 4);
    const compression = detectCompression(head);
    if (head[0] === 0) at = await skipNuls(at);
    else if (head[0] === ZERO && at % 4 === 0) at = await readPlain(at);
    else if (compression !== null && compression !== 'none' && image.size - at >= 2)
      at = await readCompressed(compression, at);
    else stopAtUnknown(at, head);
  }

  function stopAtUnknown(where: number, head: Uint8Array): void {
    const rest = `the kernel ignores the ${image.size - where} bytes from here on`;
    const magic = Buffer.from(head).toString('hex');
    const word = head.length === 4 ? new DataView(head.buffer, head.byteOffset, 4).getUint32(0, true) : 0;
    if (word === LZ4_MODERN_MAGIC)
      stop('lz4_modern_frame', where, 'an lz4 frame of the modern kind, made without lz4 -l');
    else if (Buffer.from(head).toString('latin1') === '0707')
      stop('misaligned', where, `a cpio archive at no multiple of 4: ${rest}`);
    else stop('unknown_magic', where, `${magic} begins nothing that the kernel knows: ${rest}`);
  }

  if (segments.list().length === 0 && problems.list().length === 0)
    tell(
      'empty',
      0,
      image.size === 0 ? 'there are no bytes in it' : `there are ${image.size} NULs in it and nothing else`,
    );
  return { root: rootfs.root, segments: segments.list(), problems: problems.list(), unpackedSize: progress.unpacked };
}

function endsInside(entry: string | null): string {
  return `the archive ends inside ${entry === null ? 'a header' : `the member ${entry}`}`;
}
