import { createView, type ElfView } from './elf-view.ts';
import { readDlopenNotes } from './elf-dlopen.ts';
import type { ElfFacts } from './types.ts';

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
  readonly view: ElfView;
  /** Null where the table does not lie in the file. */
  readonly segments: readonly ElfRange[] | null;
  /** The first section of this name, or why there is none. */
  readonly section: (name: string) => ElfRange | string;
  /** Whether every section lies in the file. */
  readonly holdsSections: () => boolean;
}

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const PT_NOTE = 4;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_STRSZ = 10;
const DT_SONAME = 14;
const DT_RPATH = 15;
const DT_RUNPATH = 29;

/** Most libraries need a dozen others: a table that claims thousands is a lie. */
const MAX_ENTRIES = 65_536;

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
    view,
    segments,
    section: (name) => findSection(view, wide, name),
    holdsSections: () => holdsSections(view, sectionTable(view, wide)),
  };
}

/** What the dynamic loader would do with an ELF file: facts, as far as its tables hold. */
export function readElf(bytes: Uint8Array): ElfFacts {
  const layout = readElfLayout(bytes);
  if (typeof layout === 'string') return unreadElf(layout);
  const { view } = layout;
  const malformed: string[] = [];
  const facts = { class: layout.class, machine: layout.machine, type: typeOf(layout.type) } as const;
  if (layout.segments === null) malformed.push('its program headers lie outside the file');
  const segments = layout.segments ?? [];

  const holds = (range: ElfRange, what: string): boolean => {
    if (range.offset + range.size <= bytes.length) return true;
    malformed.push(`its ${what} (offset ${range.offset}, ${range.size} bytes) lies outside the file`);
    return false;
  };
  const find = (type: number) => segments.find((segment) => segment.type === type);
  const cutOff = segments.some((segment) => segment.type === PT_LOAD && !holds(segment, 'PT_LOAD'));

  const interp = find(PT_INTERP);
  const interpreter =
    interp !== undefined && holds(interp, 'PT_INTERP') ? view.string(interp.offset, interp.offset + interp.size) : null;
  const dynamic = find(PT_DYNAMIC);
  const linked =
    dynamic !== undefined && holds(dynamic, 'dynamic section') ? readDynamic(layout, segments, dynamic) : NOTHING;
  if (linked.malformed !== null) malformed.push(linked.malformed);
  const dlopen = segments
    .filter((segment) => segment.type === PT_NOTE && holds(segment, 'note'))
    .flatMap((note) => readDlopenNotes(view, note.offset, note.offset + note.size));

  return {
    ...facts,
    ...(interpreter === null ? {} : { interpreter }),
    ...(linked.soname === null ? {} : { soname: linked.soname }),
    needed: linked.needed,
    runpath: linked.runpath,
    dlopen,
    ...(malformed.length === 0 ? {} : { malformed: malformed.join('; ') }),
    ...(cutOff ? { cutOff } : {}),
  };
}

/** An ELF file of which nothing could be read. */
export function unreadElf(malformed: string): ElfFacts {
  return { class: 64, machine: 0, type: 'other', needed: [], runpath: [], dlopen: [], malformed };
}

interface Linked {
  readonly soname: string | null;
  readonly needed: readonly string[];
  readonly runpath: readonly string[];
  readonly malformed: string | null;
}

const NOTHING: Linked = { soname: null, needed: [], runpath: [], malformed: null };

function readDynamic(layout: ElfLayout, segments: readonly ElfRange[], dynamic: ElfRange): Linked {
  const { view } = layout;
  const width = layout.class === 64 ? 8 : 4;
  const tags: { readonly tag: number; readonly value: number }[] = [];
  const end = Math.min(dynamic.offset + dynamic.size, dynamic.offset + 2 * width * MAX_ENTRIES);
  for (let at = dynamic.offset; at + 2 * width <= end; at += 2 * width) {
    const tag = view.word(at);
    if (tag === 0) break;
    tags.push({ tag, value: view.word(at + width) });
  }
  const value = (tag: number) => tags.find((entry) => entry.tag === tag)?.value;

  const address = value(DT_STRTAB);
  if (address === undefined) return NOTHING;
  const load = segments.find(
    (segment) => segment.type === PT_LOAD && address >= segment.address && address < segment.address + segment.size,
  );
  if (load === undefined) return { ...NOTHING, malformed: 'its dynamic strings are in no segment' };
  const start = load.offset + address - load.address;
  const limit = Math.min(start + (value(DT_STRSZ) ?? 0), view.bytes.length);

  let malformed: string | null = null;
  const text = (offset: number): string | null => {
    const found = start + offset < limit ? view.string(start + offset, limit) : null;
    if (found === null) malformed = `a dynamic string at ${offset} lies outside their table`;
    return found;
  };
  const needed = tags.filter(({ tag }) => tag === DT_NEEDED).flatMap((entry) => text(entry.value) ?? []);
  const soname = value(DT_SONAME);
  const path = value(DT_RUNPATH) ?? value(DT_RPATH);
  const runpath = path === undefined ? [] : (text(path) ?? '').split(':').filter((part) => part !== '');
  return { soname: soname === undefined ? null : text(soname), needed, runpath, malformed };
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

const SHT_NOBITS = 8;

function holdsSections(view: ElfView, table: Table): boolean {
  if (table.at === 0 || !holdsTable(view, table)) return false;
  const { type, offset, size } = table.fields;
  // The first entry is no section. Of .bss and its like the file holds nothing.
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

function typeOf(type: number): ElfFacts['type'] {
  switch (type) {
    case 1:
      return 'relocatable';
    case 2:
      return 'executable';
    case 3:
      return 'shared';
    default:
      return 'other';
  }
}
