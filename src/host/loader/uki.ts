/** What systemd-boot reads of a unified kernel image before it starts it. */
import { boolean, nullable, object, text } from '../derived-shape.ts';
import type { HostTree } from '../tree.ts';

export type UkiLabels = Readonly<{
  uname: string | null;
  cmdline: string | null;
  osrel: string | null;
  initrd: boolean;
}>;

const LABELLED = nullable(
  object({ uname: nullable(text), cmdline: nullable(text), osrel: nullable(text), initrd: boolean }),
);

const LABELS = new Set(['.uname', '.cmdline', '.osrel']);
const LABEL_LIMIT = 64 * 1024;

/** Sections by name, from a PE file's headers; empty for what is no PE file. */
export function peSections(head: Buffer): { name: string; offset: number; size: number }[] {
  if (head.length < 0x40 || head.toString('latin1', 0, 2) !== 'MZ') return [];
  const at = head.readUInt32LE(0x3c);
  if (at + 24 > head.length || head.toString('latin1', at, at + 4) !== 'PE\0\0') return [];
  const count = Math.min(head.readUInt16LE(at + 6), 96);
  const table = at + 24 + head.readUInt16LE(at + 20);
  const sections: { name: string; offset: number; size: number }[] = [];
  for (let index = 0; index < count && table + index * 40 + 40 <= head.length; index += 1) {
    const entry = table + index * 40;
    sections.push({
      name: head.toString('latin1', entry, entry + 8).replace(/\0.*$/s, ''),
      // The size in memory leaves out what pads the section in the file.
      size: Math.min(head.readUInt32LE(entry + 8), head.readUInt32LE(entry + 16)),
      offset: head.readUInt32LE(entry + 20),
    });
  }
  return sections;
}

/** Null where the file is no unified kernel image: one has a `.linux` section. */
export function readUkiLabels(tree: HostTree, path: string): Promise<UkiLabels | null> {
  return tree.derive(`uki:${path}`, LABELLED, (plain) => {
    const head = plain.bytes(path, LABEL_LIMIT);
    const sections = head === null ? [] : peSections(head);
    if (!sections.some(({ name }) => name === '.linux')) return Promise.resolve(null);
    const texts = new Map<string, string>();
    for (const { name, offset, size } of sections) {
      if (!LABELS.has(name) || texts.has(name)) continue;
      const bytes = plain.bytes(path, Math.min(size, LABEL_LIMIT), offset);
      if (bytes !== null) texts.set(name, bytes.toString('utf8').replace(/\0.*$/s, '').trim());
    }
    return Promise.resolve({
      uname: texts.get('.uname') ?? null,
      cmdline: texts.get('.cmdline') ?? null,
      osrel: texts.get('.osrel') ?? null,
      initrd: sections.some(({ name }) => name === '.initrd'),
    });
  });
}
