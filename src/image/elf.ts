import { readDlopenNotes } from './elf-dlopen.ts';
import { readElfLayout, type ElfLayout, type ElfRange } from './elf-layout.ts';
import type { ElfFacts } from './types.ts';

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
