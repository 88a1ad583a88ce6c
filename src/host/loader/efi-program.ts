/** What a program that firmware or a loader starts says of itself: a PE file's headers, and little more of it. */
import { certificatesEnd, isWide } from '../certificate-table.ts';
import { boolean, nullable, number, object, text } from '../derived-shape.ts';
import { peHeader } from '../kernel-format.ts';
import type { HostTree } from '../tree.ts';
import { readGrubCore } from './grub-core.ts';
import { peSections } from './uki.ts';

export type EfiProgramFile = Readonly<{
  /** As PE files number machines. */
  machine: number;
  /** Bytes that it needs to have: shorter, firmware refuses it. */
  end: number;
  kind: 'shim' | 'grub' | 'systemd-boot' | 'other';
  /** systemd-boot's version, as it is printed. */
  version: string | null;
  /** GRUB's prefix, and the commands that it is built with. */
  prefix: string | null;
  config: string | null;
}>;

const KINDS: readonly string[] = ['shim', 'grub', 'systemd-boot', 'other'];

const PROGRAM = nullable(
  object({
    machine: number,
    end: number,
    kind: (value): value is EfiProgramFile['kind'] => typeof value === 'string' && KINDS.includes(value),
    version: nullable(text),
    prefix: nullable(text),
    config: nullable(text),
  }),
);

export const MACHINES = { x64: 0x8664, ia32: 0x14c, aa64: 0xaa64 } as const;

const HEAD = 4096;
const LABEL_LIMIT = 4096;

/** Null where the file is no PE file. What it holds is worked out on the host: no capture carries loaders. */
export function readEfiProgram(tree: HostTree, path: string): Promise<EfiProgramFile | null> {
  return tree.derive(`efi program:${path}`, PROGRAM, (plain) => {
    const head = plain.bytes(path, HEAD) ?? Buffer.alloc(0);
    const sections = peSections(head);
    if (sections.length === 0) return Promise.resolve(null);
    const label = (name: string): string => {
      const section = sections.find((one) => one.name === name);
      if (section === undefined) return '';
      return plain.bytes(path, Math.min(section.size, LABEL_LIMIT), section.offset)?.toString('latin1') ?? '';
    };
    const at = head.readUInt32LE(0x3c);
    const common = {
      machine: head.readUInt16LE(at + 4),
      end: endOf(head, at),
      version: null,
      prefix: null,
      config: null,
    };
    const mods = sections.find(({ name }) => name === 'mods');
    if (mods !== undefined) {
      const core = readGrubCore((limit, offset) => plain.bytes(path, limit, offset), mods.offset, isWide(head, at));
      return Promise.resolve({ ...common, kind: 'grub', ...core });
    }
    const version = /LoaderInfo: systemd-boot (\S+)/.exec(label('.sdmagic'))?.[1];
    if (version !== undefined) return Promise.resolve({ ...common, kind: 'systemd-boot', version });
    return Promise.resolve({ ...common, kind: /^shim,/m.test(label('.sbat')) ? 'shim' : 'other' });
  });
}

/** Whether it carries signatures, by whomever; null where that could not be read. */
export function isSigned(tree: HostTree, path: string): Promise<boolean | null> {
  return tree.derive(`efi signed:${path}`, nullable(boolean), (plain) => {
    const head = plain.bytes(path, HEAD);
    const at = head === null ? null : peHeader(head);
    return Promise.resolve(head === null || at === null ? null : certificatesEnd(head, at) !== null);
  });
}

/** Where the last section ends, or the signatures behind it: firmware reads the last byte of each before it starts anything. */
function endOf(head: Buffer, at: number): number {
  let end = 0;
  const count = head.readUInt16LE(at + 6);
  const table = at + 24 + head.readUInt16LE(at + 20);
  for (let section = table; section < table + count * 40 && section + 40 <= head.length; section += 40)
    if (head.readUInt32LE(section + 16) > 0)
      end = Math.max(end, head.readUInt32LE(section + 20) + head.readUInt32LE(section + 16));
  return Math.max(end, certificatesEnd(head, at) ?? 0);
}
