import type { ElfView } from './elf-view.ts';
import type { DlopenNote } from './types.ts';

const FDO = 0x004f4446; // "FDO\0", read as a number
const DLOPEN = 0x407c0c0a;
const MAX_JSON = 64 << 10;

/**
 * Libraries that a program opens when it runs, from the notes between two offsets.
 * https://uapi-group.org/specifications/specs/elf_dlopen_metadata/: owner `FDO`, type 0x407c0c0a, JSON.
 */
export function readDlopenNotes(view: ElfView, start: number, end: number): DlopenNote[] {
  const notes: DlopenNote[] = [];
  const align = (size: number): number => Math.ceil(size / 4) * 4;
  let at = start;
  while (at + 12 <= end) {
    const nameSize = view.u32(at);
    const size = view.u32(at + 4);
    const type = view.u32(at + 8);
    const body = at + 12 + align(nameSize);
    if (body + size > end) break;
    const owned = nameSize === 4 && isFdo(view.bytes, at + 12);
    if (owned && type === DLOPEN && size <= MAX_JSON) notes.push(...parseNote(view.bytes.subarray(body, body + size)));
    at = body + align(size);
  }
  return notes;
}

function isFdo(bytes: Uint8Array, at: number): boolean {
  return [0, 8, 16, 24].every((shift, index) => bytes[at + index] === ((FDO >>> shift) & 0xff));
}

function parseNote(bytes: Uint8Array): DlopenNote[] {
  const text = Buffer.from(bytes).toString('utf8').replace(/\0+$/, '');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return []; // a note is advice: one that does not read says nothing of the program
  }
  return Array.isArray(parsed) ? parsed.flatMap(toNote) : [];
}

function toNote(value: unknown): DlopenNote[] {
  if (typeof value !== 'object' || value === null || !('soname' in value) || !Array.isArray(value.soname)) return [];
  const sonames = value.soname.filter((name) => typeof name === 'string');
  if (sonames.length === 0) return [];
  const priority = 'priority' in value ? value.priority : undefined;
  const feature = 'feature' in value ? value.feature : undefined;
  return [
    {
      ...(typeof feature === 'string' ? { feature } : {}),
      // The specification's default.
      priority: priority === 'required' || priority === 'suggested' ? priority : 'recommended',
      sonames,
    },
  ];
}
