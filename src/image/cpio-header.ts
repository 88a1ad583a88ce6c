/** The header of one member of a newc archive: 6 bytes of magic and 13 fields of 8 hex digits (kernel: buffer-format.rst). */
export interface CpioHeader {
  readonly ino: number;
  readonly mode: number;
  readonly nlink: number;
  readonly mtime: number;
  /** Bytes of content. */
  readonly size: number;
  readonly major: number;
  readonly minor: number;
  /** Bytes of name, its NUL counted. */
  readonly nameSize: number;
  /** 070702: the sum of the bytes of content. Null in 070701. */
  readonly checksum: number | null;
  /** False where a field holds anything but hex digits. */
  readonly wellFormed: boolean;
}

export const HEADER_SIZE = 110;

/** Either a header, or what the kernel would say of it. */
export function parseCpioHeader(bytes: Uint8Array): CpioHeader | string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, HEADER_SIZE).toString('latin1');
  const magic = text.slice(0, 6);
  if (magic === '070707') return 'an old cpio archive (070707): the kernel takes newc alone';
  if (magic !== '070701' && magic !== '070702') return `no cpio header: ${JSON.stringify(magic)} in place of 070701`;
  const field = (index: number): number => parseHex(bytes, 6 + 8 * index);
  return {
    ino: field(0),
    mode: field(1),
    nlink: field(4),
    mtime: field(5),
    size: field(6),
    major: field(7),
    minor: field(8),
    nameSize: field(11),
    checksum: magic === '070702' ? field(12) : null,
    wellFormed: /^[0-9a-fA-F]{104}$/.test(text.slice(6)),
  };
}

/** Eight hex digits; like the kernel's simple_strtoul, up to the first byte that is none. */
function parseHex(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = at; i < at + 8; i++) {
    const digit = hexDigit(bytes[i] ?? 0);
    if (digit === -1) break;
    value = value * 16 + digit;
  }
  return value;
}

function hexDigit(char: number): number {
  if (char >= 0x30 && char <= 0x39) return char - 0x30;
  const letter = char | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
