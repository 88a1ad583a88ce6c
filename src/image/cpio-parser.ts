import { HEADER_SIZE, parseCpioHeader } from './cpio-header.ts';
import type { CpioHeader } from './cpio-header.ts';
import { typeOfMode } from './file-mode.ts';

/** Takes the content of one file, piece by piece; a piece is good until the call returns. */
export interface ContentSink {
  write(bytes: Uint8Array): void;
  end(): void;
}

/** Where an archive's members go. */
export interface MemberSink {
  /** A regular file: where its content goes, null where nobody wants it. */
  file(header: CpioHeader, name: string): ContentSink | null;
  symlink(header: CpioHeader, name: string, target: string): void;
  /** A directory, device, FIFO, socket. */
  node(header: CpioHeader, name: string): void;
  /** A member that the kernel passes over. */
  ignored(name: string, why: string): void;
  /** A header, before anything else of it is known; `at` as in CpioParser.offset. */
  member(at: number): void;
  trailer(at: number): void;
}

/** What stops the kernel in the middle of an archive. */
export interface CpioFault {
  readonly kind: 'corrupt' | 'misaligned';
  /** Counted as CpioParser.offset is. */
  readonly at: number;
  readonly detail: string;
}

/**
 * The kernel's own reader of cpio archives (init/initramfs.c), as a state machine over pieces of any size.
 * It reads on from one archive to the next, and keeps its state from one stream to the next, as the kernel does.
 */
export interface CpioParser {
  /** Takes bytes; returns how many, fewer where something else than an archive follows, or after a fault. */
  push(bytes: Uint8Array): number;
  /** Begins a stream: a plain stretch of the image at its own offset, or, from 0, what a decompressor gives. */
  begin(offset: number, plain: boolean): void;
  /** Whether nothing is half read: what the kernel demands at the end of a compressed stream. */
  readonly between: boolean;
  /** Bytes from the start of the image (plain) or of the stream. */
  readonly offset: number;
  readonly fault: CpioFault | null;
  /** Offset behind the last whole member and its padding. */
  readonly segmentEnd: number;
  /** The member that is half read, where one is. */
  readonly current: string | null;
}

const PATH_MAX = 4096;
const ZERO = 0x30;

/** Stands in until the first one is read. */
const NO_HEADER: CpioHeader = {
  ino: 0,
  mode: 0,
  nlink: 0,
  mtime: 0,
  size: 0,
  major: 0,
  minor: 0,
  nameSize: 1,
  checksum: null,
  wellFormed: true,
};

type State = 'start' | 'header' | 'name' | 'symlink' | 'copy' | 'skip' | 'reset';

/** Bytes of name plus padding, so that what follows is at a multiple of 4: the header has 110. */
const paddedName = (size: number): number => size + 1 - ((size + 1) % 4) + 2;

const align = (offset: number): number => Math.ceil(offset / 4) * 4;

export function createCpioParser(sink: MemberSink): CpioParser {
  let state: State = 'start';
  let fault: CpioFault | null = null;
  let plain = true;
  /** Where the next byte stands; where the next header begins. */
  let offset = 0;
  let nextHeader = 0;
  let segmentEnd = 0;
  let header = NO_HEADER;
  let current: string | null = null;
  let content: ContentSink | null = null;
  let left = 0;
  let sum = 0;
  /** Bytes of a header, a name or a link that came in pieces. Never more than 110, or two PATH_MAX. */
  const gathered = Buffer.alloc(2 * PATH_MAX + 8);
  let have = 0;

  let bytes: Uint8Array = gathered;
  let at = 0;

  const eat = (count: number): void => {
    at += count;
    offset += count;
  };

  /** `count` bytes in one piece, or null until they have all come. */
  const take = (count: number): Uint8Array | null => {
    const available = bytes.length - at;
    if (have === 0 && available >= count) {
      eat(count);
      return bytes.subarray(at - count, at);
    }
    const part = Math.min(available, count - have);
    gathered.set(bytes.subarray(at, at + part), have);
    have += part;
    eat(part);
    if (have < count) return null;
    have = 0;
    return gathered.subarray(0, count);
  };

  const stop = (kind: CpioFault['kind'], detail: string, where = offset): false => {
    fault ??= { kind, at: where, detail };
    return false;
  };

  const readHeader = (): boolean => {
    const from = offset - have;
    const raw = take(HEADER_SIZE);
    if (raw === null) return false;
    const parsed = parseCpioHeader(raw);
    if (typeof parsed === 'string') return stop('corrupt', parsed, from);
    header = parsed;
    current = null;
    sink.member(from);
    nextHeader = align(offset + paddedName(parsed.nameSize) + parsed.size);
    state = 'skip';
    const type = typeOfMode(parsed.mode);
    if (parsed.nameSize <= 0 || parsed.nameSize > PATH_MAX)
      sink.ignored('', `its name has ${parsed.nameSize} bytes (1 to ${PATH_MAX} are taken)`);
    else if (type === 'symlink' && parsed.size > PATH_MAX)
      sink.ignored('', `a symlink to ${parsed.size} bytes (${PATH_MAX} are taken)`);
    else if (type === 'symlink') state = 'symlink';
    else if (type === 'file' || parsed.size === 0) state = 'name';
    else sink.ignored('', `its mode ${parsed.mode.toString(8)} is no file's, and it has content`);
    return true;
  };

  /** The name without its NUL, or null where the kernel finds none. */
  const nameOf = (raw: Uint8Array, size: number): string | null => {
    if (raw[size - 1] !== 0) return null;
    const end = raw.indexOf(0);
    return Buffer.from(raw.buffer, raw.byteOffset, end).toString('utf8');
  };

  const readName = (member: CpioHeader): boolean => {
    const raw = take(paddedName(member.nameSize));
    if (raw === null) return false;
    const name = nameOf(raw, member.nameSize);
    if (name === null) return stop('corrupt', 'a name that no NUL ends');
    state = 'skip';
    if (name === 'TRAILER!!!') {
      sink.trailer(offset);
      return true;
    }
    current = name;
    switch (typeOfMode(member.mode)) {
      case 'file':
        content = sink.file(member, name);
        left = member.size;
        sum = 0;
        state = 'copy';
        return true;
      case null:
        sink.ignored(name, `its mode ${member.mode.toString(8)} names no type`);
        return true;
      default:
        sink.node(member, name);
        return true;
    }
  };

  const readSymlink = (member: CpioHeader): boolean => {
    const raw = take(paddedName(member.nameSize) + member.size);
    if (raw === null) return false;
    const name = nameOf(raw, member.nameSize);
    if (name === null) return stop('corrupt', 'a name that no NUL ends');
    const body = raw.subarray(paddedName(member.nameSize));
    const end = body.indexOf(0);
    current = name;
    sink.symlink(member, name, Buffer.from(end === -1 ? body : body.subarray(0, end)).toString('utf8'));
    state = 'skip';
    return true;
  };

  const copy = (member: CpioHeader): boolean => {
    const part = Math.min(left, bytes.length - at);
    if (part > 0) {
      const piece = bytes.subarray(at, at + part);
      content?.write(piece);
      if (member.checksum !== null) sum = addBytes(sum, piece);
      left -= part;
      eat(part);
    }
    if (left > 0) return false;
    content?.end();
    content = null;
    if (member.checksum !== null && member.checksum !== sum)
      return stop('corrupt', `${current ?? ''}: its bytes add up to ${sum}, its header says ${member.checksum}`);
    state = 'skip';
    return true;
  };

  const skip = (): boolean => {
    eat(Math.min(nextHeader - offset, bytes.length - at));
    if (offset < nextHeader) return false;
    current = null;
    segmentEnd = offset;
    state = 'reset';
    return true;
  };

  /** Between members: NULs are passed over, an archive may begin at a multiple of 4. */
  const reset = (): boolean => {
    while (at < bytes.length && bytes[at] === 0) eat(1);
    if (at === bytes.length) return false;
    // In a plain archive somebody joined it to another; what unpacks to that was damaged, or joined before it was packed.
    if (offset % 4 !== 0)
      return stop(plain ? 'misaligned' : 'corrupt', 'bytes that are not NUL after a member, at no multiple of 4');
    if (bytes[at] === ZERO) {
      state = 'header';
      return true;
    }
    return plain ? false : stop('corrupt', 'neither a cpio header nor NULs after a member');
  };

  const step = (): boolean => {
    switch (state) {
      case 'start':
        state = 'header';
        return true;
      case 'header':
        return readHeader();
      case 'name':
        return readName(header);
      case 'symlink':
        return readSymlink(header);
      case 'copy':
        return copy(header);
      case 'skip':
        return skip();
      case 'reset':
        return reset();
    }
  };

  /** Whether the state asks for no byte more: a member may be complete with its last byte. */
  const complete = (): boolean => (state === 'copy' ? left === 0 : state === 'skip' && offset >= nextHeader);

  return {
    push(chunk) {
      bytes = chunk;
      at = 0;
      while (fault === null && (at < bytes.length || complete()) && step());
      bytes = gathered;
      return at;
    },
    begin(start, isPlain) {
      offset = start;
      plain = isPlain;
      if (isPlain) {
        state = 'header';
        have = 0;
      }
    },
    get between() {
      return state === 'reset';
    },
    get offset() {
      return offset;
    },
    get segmentEnd() {
      return segmentEnd;
    },
    get fault() {
      return fault;
    },
    get current() {
      return current;
    },
  };
}

function addBytes(sum: number, bytes: Uint8Array): number {
  let total = sum;
  for (const byte of bytes) total += byte;
  return total >>> 0;
}
