import { createView, type ElfView } from './elf-view.ts';

/** A stretch of an ELF file, with what its table entry says of it. */
export interface ElfRange {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  readonly address: number;
}

export interface ElfLayout {
  readonly class: 32 | 64;
  readonly machine: number;
  readonly type: number;
  /** Address at which a program starts. */
  readonly entry: number;
  readonly view: ElfView;
  /** Null where the table does not lie in the file. */
  readonly segments: readonly ElfRange[] | null;
  /** The first section of this name, or why there is none. */
  readonly section: (name: string) => ElfRange | string;
  /** All sections but the first, which is none; null where their table does not lie in the file. */
  readonly sections: () => readonly ElfRange[] | null;
  /** Whether every section lies in the file. */
  readonly holdsSections: () => boolean;
}

export function isElf(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

/** The tables of an ELF file, or what is wrong with its header (ELF: System V ABI, chapter 4). */
export function readElfLayout(bytes: Uint8Array): ElfLayout | string {
  if (!isElf(bytes)) return 'no ELF magic';
  const wide = bytes[4] === 2;
  if (!wide && bytes[4] !== 1) return `ELF class ${String(bytes[4])}`;
  if (bytes.length < (wide ? 64 : 52)) return 'shorter than an ELF header';
  if (bytes[5] !== 1 && bytes[5] !== 2) return `ELF byte order ${String(bytes[5])}`;
  const view = createView(bytes, wide, bytes[5] === 1);

  const segments = readTable(view, {
    at: view.word(wide ? 32 : 28),
    entry: view.u16(wide ? 54 : 42),
    count: view.u16(wide ? 56 : 44),
    fields: wide ? SEGMENT_64 : SEGMENT_32,
  });
  return {
    class: wide ? 64 : 32,
    type: view.u16(16),
    machine: view.u16(18),
    entry: view.word(24),
    view,
    segments,
    section: (name) => findSection(view, wide, name),
    sections: () => readTable(view, sectionTable(view, wide))?.slice(1) ?? null,
    holdsSections: () => holdsSections(view, sectionTable(view, wide)),
  };
}

interface Fields {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
  /** Bytes of an entry at least. */
  readonly least: number;
}

interface Table {
  readonly at: number;
  readonly entry: number;
  readonly count: number;
  readonly fields: Fields;
}

const SEGMENT_32: Fields = { type: 0, offset: 4, address: 8, size: 16, least: 32 };
const SEGMENT_64: Fields = { type: 0, offset: 8, address: 16, size: 32, least: 56 };
const SECTION_32: Fields = { type: 4, offset: 16, address: 12, size: 20, least: 40 };
const SECTION_64: Fields = { type: 4, offset: 24, address: 16, size: 32, least: 64 };

const holdsTable = (view: ElfView, { at, entry, count, fields }: Table): boolean =>
  entry >= fields.least && at + entry * count <= view.bytes.length;

function readTable(view: ElfView, table: Table): ElfRange[] | null {
  if (table.at === 0 || table.count === 0) return [];
  if (!holdsTable(view, table)) return null;
  return Array.from({ length: table.count }, (_, index) => readRange(view, table, index));
}

function readRange(view: ElfView, { at, entry, fields }: Table, index: number): ElfRange {
  const from = at + entry * index;
  return {
    type: view.u32(from + fields.type),
    offset: view.word(from + fields.offset),
    address: view.word(from + fields.address),
    size: view.word(from + fields.size),
  };
}

/** A section that takes up no room in the file: `.bss` and its like. */
export const SHT_NOBITS = 8;

function holdsSections(view: ElfView, table: Table): boolean {
  if (table.at === 0 || !holdsTable(view, table)) return false;
  const { type, offset, size } = table.fields;
  // The first entry is no section.
  for (let from = table.at + table.entry, index = 1; index < table.count; index++, from += table.entry)
    if (view.u32(from + type) !== SHT_NOBITS && view.word(from + offset) + view.word(from + size) > view.bytes.length)
      return false;
  return true;
}

function sectionTable(view: ElfView, wide: boolean): Table {
  const header = wide ? 58 : 46;
  return {
    at: view.word(wide ? 40 : 32),
    entry: view.u16(header),
    count: view.u16(header + 2),
    fields: wide ? SECTION_64 : SECTION_32,
  };
}

/** Looks at names alone until one fits: an image has a thousand modules of forty sections each. */
function findSection(view: ElfView, wide: boolean, name: string): ElfRange | string {
  const table = sectionTable(view, wide);
  const namesIndex = view.u16(wide ? 62 : 50);
  if (table.at === 0 || namesIndex >= table.count || !holdsTable(view, table))
    return 'its section headers lie outside the file';
  const names = readRange(view, table, namesIndex);
  const end = Math.min(names.offset + names.size, view.bytes.length);
  for (let index = 0; index < table.count; index++) {
    const at = names.offset + view.u32(table.at + table.entry * index);
    if (isString(view.bytes, at, end, name)) return readRange(view, table, index);
  }
  return `it has no ${name}`;
}

/** Whether the NUL-ended string at `at` is `text`, which is ASCII. */
function isString(bytes: Uint8Array, at: number, end: number, text: string): boolean {
  if (at + text.length >= end || bytes[at + text.length] !== 0) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}
