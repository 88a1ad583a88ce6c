import { createHash } from 'node:crypto';
import { readElfLayout, SHT_NOBITS, type ElfLayout, type ElfRange } from './elf-layout.ts';
import type { ElfBuild } from './types.ts';

const NT_GNU_BUILD_ID = 3;
const GNU = Buffer.from('GNU\0');
/** PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_TLS. */
const MAPPED = new Set([1, 2, 3, 7]);

/**
 * What build an ELF file is of, and what of it is loaded; null where it does not say, or its tables do not hold. Two files of one
 * build have the same content, whatever was stripped of it (dracut strips what it installs), unless one of them is
 * damaged. Programs that `prelink` has moved are no longer what was built.
 */
export function readElfBuild(bytes: Uint8Array): ElfBuild | null {
  const layout = readElfLayout(bytes);
  if (typeof layout === 'string' || layout.segments === null || !layout.holdsSections()) return null;
  const id = buildIdOf(layout);
  const sections = layout.sections();
  if (id === null || sections === null || typeof layout.section('.gnu.prelink_undo') !== 'string') return null;
  const hash = createHash('sha256');
  hash.update(JSON.stringify([layout.type, layout.machine, layout.entry]));
  const addresses = layout.segments.filter(({ type }) => MAPPED.has(type)).map(({ type, address }) => [type, address]);
  hash.update(JSON.stringify(addresses));
  for (const section of sections) {
    if (!isLoaded(section)) continue;
    hash.update(JSON.stringify([section.address, section.size]));
    if (section.type !== SHT_NOBITS) hash.update(bytes.subarray(section.offset, section.offset + section.size));
  }
  return { id, content: hash.digest('base64') };
}

/** What is not loaded has no address: of programs and libraries, nothing else is at 0, where their own header lies. */
function isLoaded({ address }: ElfRange): boolean {
  return address !== 0;
}

/** Hexadecimal, as `readelf --notes` prints it. */
function buildIdOf({ section, view }: ElfLayout): string | null {
  const note = section('.note.gnu.build-id');
  if (typeof note === 'string' || note.size < 16) return null;
  const { offset, size } = note;
  const length = view.u32(offset + 4);
  const isId = view.u32(offset) === GNU.length && view.u32(offset + 8) === NT_GNU_BUILD_ID;
  if (!isId || length === 0 || 16 + length > size) return null;
  const id = Buffer.from(view.bytes.subarray(offset + 16, offset + 16 + length));
  return GNU.equals(view.bytes.subarray(offset + 12, offset + 16)) ? id.toString('hex') : null;
}
