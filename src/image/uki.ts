import type { Peekable } from './stream-walk.ts';
import type { UkiFacts } from './types.ts';

/** More sections than any linker writes into a UKI. */
const MAX_SECTIONS = 96;
const MAX_TEXT = 64 << 10;
const SECTION = 40;

function peOffset(file: Peekable): number | null {
  const dos = viewOf(file.peek(0, 64));
  if (dos.byteLength < 64 || dos.getUint16(0) !== 0x4d5a) return null;
  const at = dos.getUint32(60, true);
  const signature = viewOf(file.peek(at, 4));
  return signature.byteLength === 4 && signature.getUint32(0) === 0x50450000 ? at : null;
}

/**
 * The sections of a PE file, as the UKI specification names them
 * (https://uapi-group.org/specifications/specs/unified_kernel_image/), or null where it is no PE file.
 */
export function readUki(file: Peekable): UkiFacts | null {
  const pe = peOffset(file);
  if (pe === null) return null;
  const empty: UkiFacts = { sections: [], cmdline: null, uname: null, osrel: null };
  const header = viewOf(file.peek(pe + 4, 20));
  if (header.byteLength < 20) return { ...empty, truncated: 'its PE header is cut off' };
  const count = header.getUint16(2, true);
  const table = pe + 24 + header.getUint16(16, true);
  if (count > MAX_SECTIONS) return { ...empty, truncated: `its PE header counts ${count} sections` };

  const sections: { name: string; offset: number; size: number }[] = [];
  let truncated: string | null = null;
  for (let i = 0; i < count; i++) {
    const entry = file.peek(table + i * SECTION, SECTION);
    if (entry.length < SECTION) {
      truncated ??= 'its section table is cut off';
      break;
    }
    const view = viewOf(entry);
    const name = Buffer.from(entry.subarray(0, 8)).toString('latin1').replace(/\0.*$/s, '');
    const virtual = view.getUint32(8, true);
    const stored = view.getUint32(16, true);
    const offset = view.getUint32(20, true);
    // What is stored is padded to the file's alignment; what is loaded is the size proper.
    const size = virtual === 0 ? stored : Math.min(virtual, stored);
    if (offset + size > file.size)
      truncated ??= `${name} (offset ${offset}, ${size} bytes) reaches beyond its ${file.size} bytes`;
    sections.push({ name, offset, size });
  }
  const text = (name: string): string | null => {
    const section = sections.find((one) => one.name === name);
    if (section === undefined) return null;
    const length = Math.min(section.size, MAX_TEXT);
    const pieces: Buffer[] = [];
    for (let at = 0; at < length;) {
      const piece = file.peek(section.offset + at, Math.min(4096, length - at));
      if (piece.length === 0) break;
      pieces.push(Buffer.from(piece));
      at += piece.length;
    }
    return Buffer.concat(pieces)
      .toString('utf8')
      .replace(/[\0\s]+$/, '');
  };
  return {
    sections,
    cmdline: text('.cmdline'),
    uname: text('.uname'),
    osrel: text('.osrel'),
    ...(truncated === null ? {} : { truncated }),
  };
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
