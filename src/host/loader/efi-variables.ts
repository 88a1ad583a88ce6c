import { line, type HostTree } from '../tree.ts';

const FOLDER = '/sys/firmware/efi/efivars';
const LOADER = '4a67b082-0a4c-41cf-b6c7-440b29bb8c4f';
const GLOBAL = '8be4df61-93ca-11d2-aa0d-00e098032b8c';

/** A string variable that systemd-boot and the host exchange: UTF-16LE after four bytes of attributes. */
export function loaderVariable(tree: HostTree, name: string): string | null {
  const bytes = tree.bytes(`${FOLDER}/${name}-${LOADER}`, 4096);
  if (bytes === null || bytes.length <= 4) return null;
  const text = bytes.toString('utf16le', 4).replace(/\0.*$/s, '');
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
  if (bytes !== null && bytes.length >= 5) return bytes[4] === 1;
  return isEfi(tree) === false ? false : null;
}
