import { line, type HostTree } from '../tree.ts';
import { ENTRY, parseEfiEntry, type EfiEntry } from './efi-entry.ts';

const FOLDER = '/sys/firmware/efi/efivars';
const LOADER = '4a67b082-0a4c-41cf-b6c7-440b29bb8c4f';
const GLOBAL = '8be4df61-93ca-11d2-aa0d-00e098032b8c';
/** What efivarfs puts before a value. */
const ATTRIBUTES = 4;

/** A string variable that systemd-boot and the host exchange: UTF-16LE after four bytes of attributes. */
export function loaderVariable(tree: HostTree, name: string): string | null {
  const bytes = tree.bytes(`${FOLDER}/${name}-${LOADER}`, 4096);
  if (bytes === null || bytes.length <= ATTRIBUTES) return null;
  const text = bytes.toString('utf16le', ATTRIBUTES).replace(/\0.*$/s, '');
  return text === '' ? null : text;
}

/** Whether the firmware speaks EFI; null where there is no sysfs to tell. */
export function isEfi(tree: HostTree): boolean | null {
  if (tree.exists('/sys/firmware/efi') === true) return true;
  return tree.list('/sys/firmware').length > 0 || line(tree, '/sys/kernel/notes') !== null ? false : null;
}

/** The fifth byte of the firmware's SecureBoot variable; false on firmware without EFI, null where not known. */
export function readSecureBoot(tree: HostTree): boolean | null {
  const bytes = tree.bytes(`${FOLDER}/SecureBoot-${GLOBAL}`, 16);
  if (bytes !== null && bytes.length >= 5) return bytes[ATTRIBUTES] === 1;
  return isEfi(tree) === false ? false : null;
}

/** Numbers of boot entries in BootOrder, BootCurrent or BootNext, as entries' names write them; null where there is none. */
export function bootNumbers(tree: HostTree, name: 'BootOrder' | 'BootCurrent' | 'BootNext'): readonly string[] | null {
  const bytes = tree.bytes(`${FOLDER}/${name}-${GLOBAL}`, 1024);
  if (bytes === null || bytes.length < ATTRIBUTES + 2) return null;
  const numbers: string[] = [];
  for (let at = ATTRIBUTES; at + 2 <= bytes.length; at += 2)
    numbers.push(bytes.readUInt16LE(at).toString(16).toUpperCase().padStart(4, '0'));
  return numbers;
}

/** A capture carries what an entry leads to and not the entry, in which hardware addresses and serial numbers stand. */
export function readBootEntry(tree: HostTree, number: string): Promise<EfiEntry | null> {
  return tree.derive(`efi entry:${number}`, ENTRY, (plain) => {
    const bytes = plain.bytes(`${FOLDER}/Boot${number}-${GLOBAL}`, 16 * 1024);
    return Promise.resolve(bytes === null ? null : parseEfiEntry(bytes.subarray(ATTRIBUTES)));
  });
}

/** The machine whose programs the firmware starts, as programs' names write it; null where not to be told. */
export function readFirmwareMachine(tree: HostTree): 'x64' | 'ia32' | 'aa64' | null {
  const type = /^cpu:type:(\w+)/.exec(line(tree, '/sys/devices/system/cpu/modalias') ?? '')?.[1];
  if (type === 'x86') return line(tree, '/sys/firmware/efi/fw_platform_size') === '32' ? 'ia32' : 'x64';
  return type === 'aarch64' ? 'aa64' : null;
}
