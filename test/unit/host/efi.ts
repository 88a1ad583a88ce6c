/** Boot variables and programs of an EFI partition, as firmware and mkimage lay them out: the readers are tested on these. */
import type { Layout } from './roots.ts';

const GLOBAL = '8be4df61-93ca-11d2-aa0d-00e098032b8c';
const SECURITY = 'd719b2cb-3d3a-4596-a3bc-dad00e67656f';
const SHIM_LOCK = '605dab50-e046-4300-abb6-3dd810dd8b23';
const SHA256 = '2616c4c14c509240aca941f936934328';
const X509 = 'a159c0a5e494a74a87b5ab155c2bf072';
/** The partition that `espHost` mounts. */
export const PARTITION = '4cd24367-487b-324e-b708-b2ec23f8bada';

function node(type: number, subtype: number, body: Buffer): Buffer {
  const head = Buffer.from([type, subtype, 0, 0]);
  head.writeUInt16LE(4 + body.length, 2);
  return Buffer.concat([head, body]);
}

const END = node(0x7f, 0xff, Buffer.alloc(0));
export const PCI = node(1, 1, Buffer.from([0, 3]));
export const MAC = node(3, 11, Buffer.alloc(33, 0x52));
export const FIRMWARE_FILE = node(4, 6, Buffer.alloc(16, 7));

export const filePath = (path: string): Buffer => node(4, 4, Buffer.from(`${path}\0`, 'utf16le'));

export function partition(guid: string): Buffer {
  const body = Buffer.alloc(38);
  body.writeUInt32LE(1, 0);
  const [a = '', b = '', c = '', d = '', e = ''] = guid.split('-');
  const swapped = (hex: string) => Buffer.from(hex, 'hex').reverse();
  Buffer.concat([swapped(a), swapped(b), swapped(c), Buffer.from(d + e, 'hex')]).copy(body, 20);
  body[36] = 2;
  body[37] = 2;
  return node(4, 1, body);
}

export function mbrPartition(signature: number, number: number): Buffer {
  const body = Buffer.alloc(38);
  body.writeUInt32LE(number, 0);
  body.writeUInt32LE(signature, 20);
  body[36] = 1;
  body[37] = 1;
  return node(4, 1, body);
}

/** A Boot#### variable's value. */
export function bootEntry(nodes: readonly Buffer[], { active = true, options = Buffer.alloc(0) } = {}): Buffer {
  const path = Buffer.concat([...nodes, END]);
  const head = Buffer.alloc(6);
  head.writeUInt32LE(active ? 1 : 0, 0);
  head.writeUInt16LE(path.length, 4);
  return Buffer.concat([head, Buffer.from('an entry\0', 'utf16le'), path, options]);
}

/** The entry that grub-install or an installer leaves. */
export const entryOf = (path: string, guid = PARTITION): Buffer => bootEntry([partition(guid), filePath(path)]);

export function variables(
  order: readonly number[],
  entries: Readonly<Record<string, Buffer>>,
  current: number | null = order[0] ?? null,
): Layout {
  const name = (of: string) => `/sys/firmware/efi/efivars/${of}-${GLOBAL}`;
  const value = (bytes: Buffer) => Buffer.concat([Buffer.from([7, 0, 0, 0]), bytes]);
  const numbers = (of: readonly number[]) => Buffer.from(Uint16Array.from(of).buffer);
  return {
    [name('BootOrder')]: value(numbers(order)),
    ...(current === null ? {} : { [name('BootCurrent')]: value(numbers([current])) }),
    ...Object.fromEntries(Object.entries(entries).map(([number, entry]) => [name(`Boot${number}`), value(entry)])),
  };
}

/** A list of signatures of one kind, with one that is no more than its size. */
export function signatureList(kind: 'certificate' | 'hash', size = kind === 'hash' ? 32 : 900): Buffer {
  const list = Buffer.alloc(28 + 16 + size);
  list.write(kind === 'hash' ? SHA256 : X509, 0, 'hex');
  list.writeUInt32LE(list.length, 16);
  list.writeUInt32LE(16 + size, 24);
  return list;
}

/** What firmware and shim leave of Secure Boot: flags, and lists of keys; 6: volatile attributes. */
export function secureBoot(told: {
  readonly on?: number;
  readonly setup?: number;
  readonly validationOff?: readonly [attributes: number, value: number];
  readonly db?: Buffer;
  readonly mok?: Buffer;
}): Layout {
  const { on = 1, setup = 0, validationOff, db, mok } = told;
  const at = '/sys/firmware/efi/efivars';
  const value = (bytes: Buffer | readonly number[], attributes = 6) =>
    Buffer.concat([Buffer.from([attributes, 0, 0, 0]), Buffer.from(bytes)]);
  return {
    [`${at}/SecureBoot-${GLOBAL}`]: value([on]),
    [`${at}/SetupMode-${GLOBAL}`]: value([setup]),
    ...(validationOff === undefined
      ? {}
      : { [`${at}/MokSBStateRT-${SHIM_LOCK}`]: value([validationOff[1]], validationOff[0]) }),
    ...(db === undefined ? {} : { [`${at}/db-${SECURITY}`]: value(db, 0x27) }),
    ...(mok === undefined ? {} : { [`${at}/MokListRT-${SHIM_LOCK}`]: value(mok) }),
  };
}

/** The same program, with a table of signatures at its end. */
export function signed(bytes: Buffer): Buffer {
  const copy = Buffer.concat([bytes, Buffer.alloc(0x600)]);
  const optional = 0x40 + 24;
  const directories = optional + (copy.readUInt16LE(optional) === 0x20b ? 112 : 96);
  copy.writeUInt32LE(16, directories - 4);
  copy.writeUInt32LE(bytes.length, directories + 32);
  copy.writeUInt32LE(0x600, directories + 36);
  return copy;
}

/** A program with these sections, whole. */
export function program(sections: Readonly<Record<string, Buffer | string>>, machine = 0x8664): Buffer {
  const names = Object.keys(sections);
  const head = Buffer.alloc(0x400);
  head.write('MZ', 0, 'latin1');
  head.writeUInt32LE(0x40, 0x3c);
  head.write('PE\0\0', 0x40, 'latin1');
  head.writeUInt16LE(machine, 0x44);
  head.writeUInt16LE(names.length, 0x46);
  head.writeUInt16LE(0xf0, 0x54);
  head.writeUInt16LE(machine === 0x14c ? 0x10b : 0x20b, 0x58);
  const bodies: Buffer[] = [];
  let offset = head.length;
  names.forEach((name, index) => {
    const body = Buffer.from(sections[name] ?? '');
    const at = 0x40 + 24 + 0xf0 + index * 40;
    const padded = Math.ceil(body.length / 512) * 512;
    head.write(name, at, 'latin1');
    head.writeUInt32LE(body.length, at + 8);
    head.writeUInt32LE(padded, at + 16);
    head.writeUInt32LE(offset, at + 20);
    bodies.push(Buffer.concat([body], padded));
    offset += padded;
  });
  return Buffer.concat([head, ...bodies]);
}

export const SHIM = program({ '.text': 'x', '.sbat': 'sbat,1,SBAT Version\nshim,4,UEFI shim,shim,1,https://x\n' });

/** GRUB as grub-mkimage builds it: modules, perhaps commands to begin with, the prefix. */
export function grub(prefix: string, config: string | null = null, machine = 0x8664): Buffer {
  const part = (type: number, text: string) => {
    const body = Buffer.alloc(8 + Math.ceil((text.length + 1) / 8) * 8);
    body.writeUInt32LE(type, 0);
    body.writeUInt32LE(body.length, 4);
    body.write(text, 8, 'latin1');
    return body;
  };
  const modules = [part(0, 'x'.repeat(9000)), ...(config === null ? [] : [part(2, config)]), part(3, prefix)];
  const size = modules.reduce((sum, one) => sum + one.length, 0);
  const wide = machine !== 0x14c;
  const head = Buffer.alloc(wide ? 24 : 12);
  head.write('mimg', 0, 'latin1');
  if (wide) {
    head.writeBigUInt64LE(BigInt(head.length), 8);
    head.writeBigUInt64LE(BigInt(head.length + size), 16);
  } else {
    head.writeUInt32LE(head.length, 4);
    head.writeUInt32LE(head.length + size, 8);
  }
  return program({ '.text': 'x', mods: Buffer.concat([head, ...modules]) }, machine);
}

/** A host that EFI started, its EFI partition at /boot/efi. */
export const espHost = (more: Layout = {}): Layout => ({
  '/etc/fstab': 'UUID=1 / ext4 defaults 0 1\nUUID=0BE1-1BE1 /boot/efi vfat umask=0077 0 2\n',
  '/proc/self/mountinfo': '20 1 8:2 / / rw - ext4 /dev/sda2 rw\n21 20 8:1 / /boot/efi rw - vfat /dev/sda1 rw\n',
  '/sys/devices/system/cpu/modalias': 'cpu:type:x86,ven0000fam0006mod00CF:feature:,0000',
  '/sys/firmware/efi/fw_platform_size': '64\n',
  '/sys/devices/d/block/sda/dev': '8:0\n',
  '/sys/devices/d/block/sda/sda1/dev': '8:1\n',
  '/sys/devices/d/block/sda/sda2/dev': '8:2\n',
  '/sys/class/block/sda': { link: '../../devices/d/block/sda' },
  '/sys/class/block/sda1': { link: '../../devices/d/block/sda/sda1' },
  '/sys/class/block/sda2': { link: '../../devices/d/block/sda/sda2' },
  '/run/udev/data/b8:0': '\n',
  '/run/udev/data/b8:1': `E:ID_FS_UUID=0BE1-1BE1\nE:ID_FS_TYPE=vfat\nE:ID_PART_ENTRY_UUID=${PARTITION}\n`,
  '/run/udev/data/b8:2': 'E:ID_FS_UUID=1\n',
  ...more,
});
