// @ts-check
// What the firmware decides: no entry of its own leads to the guest's EFI partition, so it falls back to
// EFI/BOOT/BOOTX64.EFI. Debian's signed shim and GRUB stand in for the guest's own where a case is about them.
import { firstHalf } from './images.mjs';
import { signedGrub, signedShim } from './parts.mjs';

/** @typedef {import('./cases.mjs').LoaderCase} LoaderCase */
/** @typedef {import('./bases.mjs').LoaderBaseName} LoaderBaseName */

const FALLBACK = '/boot/efi/EFI/BOOT/BOOTX64.EFI';
const SECOND = '/boot/efi/EFI/BOOT/grubx64.efi';
const VENDOR = '/boot/efi/EFI/debian';
const STUB = `${VENDOR}/grub.cfg`;
const PE_AARCH64 = 0xaa64;

/** @param {string} path */
const gone = (path) => ({ path, content: null });
const shim = () => ({ path: FALLBACK, content: signedShim() });
const grub = () => ({ path: SECOND, content: signedGrub() });

/** @param {Buffer} program */
function ofAnotherMachine(program) {
  const copy = Buffer.from(program);
  copy.writeUInt16LE(PE_AARCH64, copy.readUInt32LE(0x3c) + 4);
  return copy;
}

/**
 * @param {string} name
 * @param {string | null} code
 * @param {boolean} boots
 * @param {LoaderCase['change']} change
 * @param {LoaderBaseName} [base]
 * @returns {LoaderCase}
 */
const one = (name, code, boots, change, base = 'grub-efi') => ({ name, code, boots, bases: [base], change });

/**
 * Under Secure Boot.
 * @param {string} name
 * @param {string | null} code
 * @param {boolean} boots
 * @param {LoaderCase['change']} change
 */
const signed = (name, code, boots, change) => one(name, code, boots, change, 'grub-efi-signed');

/** @type {readonly LoaderCase[]} */
export const FIRMWARE_CASES = [
  one('shim stands alone: the GRUB that it starts is gone', 'loader_missing', false, () => [shim()]),
  one('shim and the signed GRUB', null, true, () => [shim(), grub()]),
  one('shim and the signed GRUB, whose configuration is gone', 'grub_stub_stale', false, () => [
    shim(),
    grub(),
    gone(STUB),
  ]),
  one('the configuration stands beside the signed GRUB', null, true, ({ read }) => [
    shim(),
    grub(),
    gone(STUB),
    { path: '/boot/efi/EFI/BOOT/grub.cfg', content: read(STUB) },
  ]),
  one('the loader is cut in half', 'loader_missing', false, ({ read }) => [
    { path: FALLBACK, content: firstHalf(read(FALLBACK)) },
  ]),
  one('the loader is of another machine', 'loader_missing', false, ({ read }) => [
    { path: FALLBACK, content: ofAnotherMachine(read(FALLBACK)) },
  ]),
  one("the vendor's own loader is gone, the fallback is there", null, true, () => [gone(`${VENDOR}/grubx64.efi`)]),
  one('the fallback is gone, and nothing leads to the loader that is there', 'loader_missing', false, () => [
    gone(FALLBACK),
  ]),
  signed('the GRUB that shim starts is gone', 'loader_missing', false, () => [gone(SECOND)]),
  signed('the GRUB that shim starts is cut in half', 'loader_missing', false, ({ read }) => [
    { path: SECOND, content: firstHalf(read(SECOND)) },
  ]),
  signed("the vendor's own shim and GRUB are gone, the fallback is there", null, true, () =>
    ['shimx64.efi', 'grubx64.efi'].map((file) => gone(`${VENDOR}/${file}`)),
  ),
];
