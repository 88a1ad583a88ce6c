import { line, type HostTree } from '../tree.ts';
import { ENTRY, parseEfiEntry, type EfiEntry } from './efi-entry.ts';

const FOLDER = '/sys/firmware/efi/efivars';
/** Who gave a variable its name. */
export const VENDORS = {
  global: '8be4df61-93ca-11d2-aa0d-00e098032b8c',
  security: 'd719b2cb-3d3a-4596-a3bc-dad00e67656f',
  loader: '4a67b082-0a4c-41cf-b6c7-440b29bb8c4f',
  shim: '605dab50-e046-4300-abb6-3dd810dd8b23',
} as const;
/** What efivarfs puts before a value. */
const ATTRIBUTES = 4;

/** A variable's value, at most `limit` bytes of it; null where there is none, or none that can be read. */
export function efiVariable(
  tree: HostTree,
  vendor: keyof typeof VENDORS,
  name: string,
  limit: number,
): { readonly attributes: number; readonly value: Buffer } | null {
  const bytes = tree.bytes(`${FOLDER}/${name}-${VENDORS[vendor]}`, ATTRIBUTES + limit);
  if (bytes === null || bytes.length <= ATTRIBUTES) return null;
  return { attributes: bytes.readUInt32LE(0), value: bytes.subarray(ATTRIBUTES) };
}

/** A string variable that systemd-boot and the host exchange: UTF-16LE. */
export function loaderVariable(tree: HostTree, name: string): string | null {
  const text = efiVariable(tree, 'loader', name, 4096)?.value.toString('utf16le').replace(/\0.*$/s, '');
  return text === undefined || text === '' ? null : text;
}

/** Whether the firmware speaks EFI; null where there is no sysfs to tell. */
export function isEfi(tree: HostTree): boolean | null {
  if (tree.exists('/sys/firmware/efi') === true) return true;
  return tree.list('/sys/firmware').length > 0 || line(tree, '/sys/kernel/notes') !== null ? false : null;
}

/** Numbers of boot entries in BootOrder, BootCurrent or BootNext, as entries' names write them; null where there is none. */
export function bootNumbers(tree: HostTree, name: 'BootOrder' | 'BootCurrent' | 'BootNext'): readonly string[] | null {
  const value = efiVariable(tree, 'global', name, 1024)?.value;
  if (value === undefined || value.length < 2) return null;
  const numbers: string[] = [];
  for (let at = 0; at + 2 <= value.length; at += 2)
    numbers.push(value.readUInt16LE(at).toString(16).toUpperCase().padStart(4, '0'));
  return numbers;
}

/** A capture carries what an entry leads to and not the entry, in which hardware addresses and serial numbers stand. */
export function readBootEntry(tree: HostTree, number: string): Promise<EfiEntry | null> {
  return tree.derive(`efi entry:${number}`, ENTRY, (plain) => {
    const variable = efiVariable(plain, 'global', `Boot${number}`, 16 * 1024);
    return Promise.resolve(variable === null ? null : parseEfiEntry(variable.value));
  });
}

/** The machine whose programs the firmware starts, as programs' names write it; null where not to be told. */
export function readFirmwareMachine(tree: HostTree): 'x64' | 'ia32' | 'aa64' | null {
  const type = /^cpu:type:(\w+)/.exec(line(tree, '/sys/devices/system/cpu/modalias') ?? '')?.[1];
  if (type === 'x86') return line(tree, '/sys/firmware/efi/fw_platform_size') === '32' ? 'ia32' : 'x64';
  return type === 'aarch64' ? 'aa64' : null;
}
