/** What kind of file a kernel is, and how long its headers say it is at least. */
import { detectCompression } from '../image/compression.ts';

/** Bytes from the start that tell: s390x says what it is behind 64 KiB. */
export const FORMAT_HEAD = 0x200 + 0x1_0000 + 0x200;

/** Magic numbers of kernels other than PE files, where they lie. */
const MAGICS: readonly (readonly [offset: number, magic: string])[] = [
  [0x202, 'HdrS'], // x86, from boot protocol 2.00 on
  [0x1fe, '\x55\xaa'], // x86 before that: the boot flag that GRUB asks for
  [0, '\x7fELF'],
  [56, 'ARM\x64'],
  [56, 'RSC\x05'],
  [48, 'RISCV\0\0\0'],
  [0x24, '\x18\x28\x6f\x01'], // zImage of 32-bit ARM
  [0x24, '\x01\x6f\x28\x18'],
  [0, '\x27\x05\x19\x56'], // U-Boot's uImage
  [0, '\xd0\x0d\xfe\xed'], // U-Boot's FIT
  [0, 'ANDROID!'],
  [0x1_0008, 'S390EP'],
];

const has = (head: Buffer, offset: number, magic: string): boolean =>
  head.toString('latin1', offset, offset + magic.length) === magic;

/**
 * Whether these are the first bytes of a kernel in any format that boot loaders and firmware load, a compressed one among
 * them: no architecture's loader takes a file that is none (GRUB: "invalid magic number").
 */
export function isKernel(head: Buffer): boolean {
  return (
    MAGICS.some(([offset, magic]) => has(head, offset, magic)) ||
    peHeader(head) !== null ||
    detectCompression(head) !== null
  );
}

/**
 * Bytes that a kernel's headers say it has at least. x86: its setup and, from protocol 2.04 on, its protected-mode code in
 * units of 16; other PE files (arm64, riscv64, zboot): the end of the last section; ELF: the end of the last segment.
 * A signature may follow. Null where the headers do not tell.
 */
export function leastSize(head: Buffer): number | null {
  if (has(head, 0x202, 'HdrS')) return x86Size(head);
  return peSize(head) ?? elfSize(head);
}

function x86Size(head: Buffer): number | null {
  if (head.length < 0x270 || head.readUInt16LE(0x206) < 0x204) return null;
  const setupSectors = head[0x1f1] === 0 ? 4 : (head[0x1f1] ?? 4);
  return (setupSectors + 1) * 512 + head.readUInt32LE(0x1f4) * 16;
}

/** Where the PE header lies; null in what is no PE file. */
export function peHeader(head: Buffer): number | null {
  if (head.length < 0x40 || !has(head, 0, 'MZ')) return null;
  const at = head.readUInt32LE(0x3c);
  return at + 24 <= head.length && has(head, at, 'PE\0\0') ? at : null;
}

const SECTION = 40;

function peSize(head: Buffer): number | null {
  const at = peHeader(head);
  if (at === null) return null;
  const table = at + 24 + head.readUInt16LE(at + 20);
  return lastEnd(head, { at: table, entry: SECTION, count: head.readUInt16LE(at + 6) }, (section) => {
    // Of .bss and its like the file holds nothing: they have no place in it.
    const place = head.readUInt32LE(section + 20);
    return place === 0 ? 0 : place + head.readUInt32LE(section + 16);
  });
}

/** Of 64-bit files; the kernels that boot as ELF files are those of ppc64. */
function elfSize(head: Buffer): number | null {
  if (head.length < 64 || !has(head, 0, '\x7fELF') || head[4] !== 2) return null;
  const little = head[5] === 1;
  const half = (at: number): number => (little ? head.readUInt16LE(at) : head.readUInt16BE(at));
  const word = (at: number): number => Number(little ? head.readBigUInt64LE(at) : head.readBigUInt64BE(at));
  return lastEnd(
    head,
    { at: word(32), entry: half(54), count: half(56) },
    (segment) => word(segment + 8) + word(segment + 32),
  );
}

/** The greatest end that a table's entries give; null where the table is empty or not within the head. */
function lastEnd(
  head: Buffer,
  { at, entry, count }: { readonly at: number; readonly entry: number; readonly count: number },
  endOf: (offset: number) => number,
): number | null {
  if (count === 0 || entry < SECTION || at + entry * count > head.length) return null;
  return Math.max(...Array.from({ length: count }, (_, index) => endOf(at + index * entry)));
}
