import { readElfLayout, type ElfLayout } from './elf-layout.ts';
import type { ModuleContent } from './file-facts.ts';
import { normalizeModuleName } from './module-name.ts';
import { isSigned, readModuleSignature } from './module-signature.ts';
import { parseSoftdeps } from './softdep.ts';

const NONE = { depends: [], softdeps: [], aliases: [], firmware: [] } as const;

/** Facts of a module from its bytes, already decompressed: its `.modinfo` section is `key=value` strings, each ended by a NUL. */
export function readModule(bytes: Uint8Array, compression: ModuleContent['compression']): ModuleContent {
  const signed = isSigned(bytes);
  const layout = readElfLayout(bytes);
  if (typeof layout === 'string') return damagedModule(compression, layout);
  const { machine } = layout;
  const damaged = (why: string): ModuleContent => ({ ...damagedModule(compression, why), machine, signed });
  const section = layout.section('.modinfo');
  if (typeof section === 'string') return damaged(section);
  if (section.offset + section.size > bytes.length) return damaged('its .modinfo lies outside the file');

  const values = new Map<string, string[]>();
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + section.offset, section.size).toString('utf8');
  for (const field of text.split('\0')) {
    const equals = field.indexOf('=');
    if (equals <= 0) continue;
    const key = field.slice(0, equals);
    const known = values.get(key);
    if (known) known.push(field.slice(equals + 1));
    else values.set(key, [field.slice(equals + 1)]);
  }
  const all = (key: string): readonly string[] => values.get(key) ?? [];
  const vermagic = all('vermagic')[0];
  const fault = vermagic === undefined ? 'it does not say which kernel it is for' : faultOf(layout);
  const signature = readModuleSignature(bytes);
  return {
    compression,
    machine,
    signed,
    ...(signature === null ? {} : { signature }),
    ...(vermagic === undefined ? {} : { vermagic }),
    depends: all('depends')
      .flatMap((list) => list.split(','))
      .filter((name) => name !== '')
      .map(normalizeModuleName),
    softdeps: all('softdep').flatMap(parseSoftdeps),
    aliases: all('alias'),
    firmware: all('firmware'),
    ...(fault === null ? {} : { damaged: fault }),
  };
}

const ET_REL = 1;

/** What the kernel refuses of a file that calls itself a module (Linux, kernel/module/main.c: elf_validity_check, setup_load_info). */
function faultOf({ type, section, holdsSections }: ElfLayout): string | null {
  if (type !== ET_REL) return 'it is no relocatable object';
  if (!holdsSections()) return 'a section lies outside the file';
  const self = section('.gnu.linkonce.this_module');
  return typeof self === 'string' ? self : null;
}

/** A module of which nothing could be read. */
export function unreadModule(compression: ModuleContent['compression'], unread: string): ModuleContent {
  return { compression, signed: false, ...NONE, unread };
}

/** One that the kernel would refuse. */
export function damagedModule(compression: ModuleContent['compression'], damaged: string): ModuleContent {
  return { ...unreadModule(compression, damaged), damaged };
}
