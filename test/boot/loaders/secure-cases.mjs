// @ts-check
// Cases that Secure Boot decides, and the same where it is off. Signatures are only taken off: what is there was made by who
// has the keys.
import { MACHINE_ID } from './bases.mjs';
import { withUnsignedModule, withoutSignature } from './images.mjs';
import { signedGrub, signedShim } from './parts.mjs';

/** @typedef {import('./cases.mjs').LoaderCase} LoaderCase */
/** @typedef {import('./cases.mjs').Sound} Sound */

const ON = /** @type {const} */ (['grub-efi-signed']);
const OFF = /** @type {const} */ (['grub-efi']);
const BY_SYSTEMD_BOOT = /** @type {const} */ (['systemd-boot-signed']);
const FALLBACK = '/boot/efi/EFI/BOOT/BOOTX64.EFI';
const SECOND = '/boot/efi/EFI/BOOT/grubx64.efi';

/**
 * @param {readonly import('./bases.mjs').LoaderBaseName[]} bases
 * @param {string} name
 * @param {string | null} code
 * @param {boolean} boots
 * @param {LoaderCase['change']} change
 * @returns {LoaderCase}
 */
const one = (bases, name, code, boots, change) => ({ name, code, boots, bases, change });

/** @param {Sound} sound @param {string} path @param {(content: Buffer) => Buffer} change */
const changed = ({ read }, path, change) => ({ path, content: change(read(path)) });

/** @param {Sound} sound @param {string} kernel */
const unsignedKernel = (sound, kernel) => changed(sound, `/boot/vmlinuz-${kernel}`, withoutSignature);

/** By systemd-boot. @param {Sound} sound @param {string} kernel */
const unsignedLinux = (sound, kernel) => changed(sound, `/efi/${MACHINE_ID}/${kernel}/linux`, withoutSignature);

/** @param {string} name */
const unsignedModule = (name) => (/** @type {Sound} */ sound) => [
  changed(sound, `/boot/initrd.img-${sound.old}`, (image) => withUnsignedModule(image, sound.old, name)),
];

/** @type {readonly LoaderCase[]} */
export const SECURE_CASES = [
  one(ON, 'the kernel of the first entry is not signed', 'kernel_unsigned', false, (sound) => [
    unsignedKernel(sound, sound.old),
  ]),
  one(ON, "the kernel's signature is cut off in the middle", 'kernel_unsigned', false, (sound) => [
    changed(sound, `/boot/vmlinuz-${sound.old}`, (kernel) => kernel.subarray(0, -512)),
  ]),
  one(ON, 'the kernel of the second entry is not signed', null, true, (sound) => [unsignedKernel(sound, sound.new_)]),
  one(BY_SYSTEMD_BOOT, 'the kernel of the default entry is not signed', 'kernel_unsigned', false, (sound) => [
    unsignedLinux(sound, sound.old),
  ]),
  one(BY_SYSTEMD_BOOT, 'the kernel of another entry is not signed', null, true, (sound) => [
    unsignedLinux(sound, sound.new_),
  ]),
  one(BY_SYSTEMD_BOOT, 'the systemd-boot that shim starts is not signed', 'loader_missing', false, (sound) => [
    changed(sound, '/efi/EFI/BOOT/grubx64.efi', withoutSignature),
  ]),
  one(OFF, 'the kernel is not signed, and Secure Boot is off', null, true, (sound) => [
    unsignedKernel(sound, sound.old),
  ]),
  one(OFF, 'the kernel is not signed, shim and GRUB are, and Secure Boot is off', null, true, (sound) => [
    { path: FALLBACK, content: signedShim() },
    { path: SECOND, content: signedGrub() },
    unsignedKernel(sound, sound.old),
  ]),
  one(ON, 'a needed module is not signed', 'module_unsigned', false, unsignedModule('virtio_blk')),
  one(ON, 'a module that nothing needs is not signed', null, true, unsignedModule('virtio_scsi')),
  one(OFF, 'a needed module is not signed, and Secure Boot is off', null, true, unsignedModule('virtio_blk')),
  one(ON, 'the GRUB that shim starts is not signed', 'loader_missing', false, (sound) => [
    changed(sound, SECOND, withoutSignature),
  ]),
  one(ON, 'shim is not signed', 'loader_missing', false, (sound) => [changed(sound, FALLBACK, withoutSignature)]),
  one(ON, "the vendor's own GRUB, which nothing starts, is not signed", null, true, (sound) => [
    changed(sound, '/boot/efi/EFI/debian/grubx64.efi', withoutSignature),
  ]),
];
