// @ts-check
// Guests that a loader of their own starts from their own disk. Each has two kernels, both sound, and boots the older one.
import { readFileSync } from 'node:fs';
import { base as plainBase } from '../bases.mjs';
import { BOOT_UUID } from './disk.mjs';
import { GUEST_WORDS, NAME } from './guest-init.mjs';
import { grubCore, grubConfig, grubEnvironment, grubStub } from './grub.mjs';
import { part, signedGrub, signedShim } from './parts.mjs';
import { signedSystemdBoot } from './trixie.mjs';
import { unifiedImages } from './ukify.mjs';
import { ROOT } from '../bases.mjs';

/** @typedef {import('../bases.mjs').BaseName} PlainName */
/**
 * @typedef {{kernel: string, vmlinuz: Buffer, image: Buffer}} Installed
 * @typedef {{old: Installed, new_: Installed}} Kernels `old` boots unless something is wrong
 * @typedef {Record<string, Buffer>} Files by their paths on the host
 * @typedef {object} LoaderBase
 * @property {import('./start.mjs').Firmware} firmware
 * @property {string} espAt where the EFI partition is mounted
 * @property {boolean} [ownBoot] whether /boot is a partition of its own
 * @property {(kernels: Kernels) => Files | Promise<Files>} files all that the loader reads, and the loader
 */

export const MACHINE_ID = '0be11be1000040008000be11be11be11';

/** The two bases whose kernels and images the guests have. @satisfies {Record<keyof Kernels, PlainName>} */
export const PARTS_OF = /** @type {const} */ ({ old: 'dracut-059', new_: 'dracut-106-systemd' });

/**
 * The command line of an entry that says its own name.
 * @param {string} name
 */
export const commandLine = (name) => `${ROOT} ${GUEST_WORDS} ${NAME}${name}`;

/**
 * A type 1 entry as kernel-install writes it.
 * @param {string} kernel
 * @param {{name?: string, linux?: string, initrds?: readonly string[], more?: string}} [changes]
 *   `initrds`: paths from the top of the EFI partition
 */
export function entryFile(kernel, changes = {}) {
  const at = `/${MACHINE_ID}/${kernel}`;
  const { name = kernel, linux = `${at}/linux`, initrds = [`${at}/initrd`], more = '' } = changes;
  return [
    `title      Lab ${kernel}`,
    `version    ${kernel}`,
    `machine-id ${MACHINE_ID}`,
    `options    ${commandLine(name)}`,
    `linux      ${linux}`,
    ...initrds.map((path) => `initrd     ${path}`),
    `${more}\n`,
  ].join('\n');
}

/** @param {string} kernel */
export const entryPath = (kernel) => `/efi/loader/entries/${MACHINE_ID}-${kernel}.conf`;

/** @param {string} kernel */
export const unifiedPath = (kernel) => `/efi/EFI/Linux/${MACHINE_ID}-${kernel}.efi`;

/** @param {string} wanted */
export const loaderConfig = (wanted) => Buffer.from(`default ${wanted}\ntimeout 0\nconsole-mode keep\n`);

/** @param {Buffer} loader */
const systemdBoot = (loader) => ({
  '/efi/EFI/BOOT/BOOTX64.EFI': loader,
  '/efi/EFI/systemd/systemd-bootx64.efi': loader,
});

/** @satisfies {Record<string, LoaderBase>} */
export const LOADER_BASES = {
  'systemd-boot': {
    firmware: 'efi',
    espAt: '/efi',
    files: ({ old, new_ }) => ({
      ...systemdBoot(readFileSync(part('usr/lib/systemd/boot/efi/systemd-bootx64.efi'))),
      '/efi/loader/loader.conf': loaderConfig(`${MACHINE_ID}-${old.kernel}.conf`),
      ...Object.assign(
        {},
        ...[old, new_].map(({ kernel, vmlinuz, image }) => ({
          [entryPath(kernel)]: Buffer.from(entryFile(kernel)),
          [`/efi/${MACHINE_ID}/${kernel}/linux`]: vmlinuz,
          [`/efi/${MACHINE_ID}/${kernel}/initrd`]: image,
        })),
      ),
    }),
  },
  'systemd-boot-uki': {
    firmware: 'efi',
    espAt: '/efi',
    files: async ({ old, new_ }) => {
      const { loader, images } = await unifiedImages(
        [old, new_].map((one) => ({ ...one, commandLine: commandLine(one.kernel) })),
      );
      return {
        ...systemdBoot(loader),
        '/efi/loader/loader.conf': loaderConfig(`${MACHINE_ID}-${old.kernel}.efi`),
        ...Object.fromEntries(images.map(({ kernel, unified }) => [unifiedPath(kernel), unified])),
      };
    },
  },
  'systemd-boot-signed': { firmware: 'secure efi', espAt: '/efi', files: (kernels) => signedSystemdBootFiles(kernels) },
  'grub-efi': { firmware: 'efi', espAt: '/boot/efi', files: (kernels) => grubFiles(kernels) },
  'grub-bios': { firmware: 'bios', espAt: '/boot/efi', files: (kernels) => grubFiles(kernels) },
  'grub-efi-signed': { firmware: 'secure efi', espAt: '/boot/efi', files: (kernels) => signedFiles(kernels) },
  // Its loader calls all that is below /boot by paths without it.
  'grub-bios-boot': { firmware: 'bios', espAt: '/boot/efi', ownBoot: true, files: (kernels) => bootFiles(kernels) },
};

/** @typedef {keyof typeof LOADER_BASES} LoaderBaseName */

/** As beside systemd-boot alone; shim starts it, as any loader, by the name of GRUB. @param {Kernels} kernels @returns {Promise<Files>} */
async function signedSystemdBootFiles(kernels) {
  const loader = await signedSystemdBoot();
  return {
    ...(await LOADER_BASES['systemd-boot'].files(kernels)),
    '/efi/EFI/BOOT/BOOTX64.EFI': signedShim(),
    '/efi/EFI/BOOT/grubx64.efi': loader,
    '/efi/EFI/systemd/systemd-bootx64.efi': loader,
  };
}

/** @param {Kernels} kernels @returns {Promise<Files>} */
async function grubFiles(kernels) {
  const core = await grubCore('x86_64-efi');
  return {
    '/boot/efi/EFI/BOOT/BOOTX64.EFI': core,
    '/boot/efi/EFI/debian/grubx64.efi': core,
    ...menuFiles(kernels),
  };
}

/** As `grub-install --force-extra-removable` lays them. @param {Kernels} kernels @returns {Files} */
const signedFiles = (kernels) => ({
  '/boot/efi/EFI/BOOT/BOOTX64.EFI': signedShim(),
  '/boot/efi/EFI/BOOT/grubx64.efi': signedGrub(),
  '/boot/efi/EFI/debian/shimx64.efi': signedShim(),
  '/boot/efi/EFI/debian/grubx64.efi': signedGrub(),
  ...menuFiles(kernels),
});

/** What GRUB reads, from the EFI partition on. @param {Kernels} kernels @returns {Files} */
function menuFiles({ old, new_ }) {
  const both = [old, new_];
  return {
    '/boot/efi/EFI/debian/grub.cfg': Buffer.from(grubStub),
    '/boot/grub/grub.cfg': Buffer.from(grubConfig(both.map(({ kernel }) => ({ kernel })))),
    '/boot/grub/grubenv': grubEnvironment({}),
    ...Object.assign(
      {},
      ...both.map(({ kernel, vmlinuz, image }) => ({
        [`/boot/vmlinuz-${kernel}`]: vmlinuz,
        [`/boot/initrd.img-${kernel}`]: image,
      })),
    ),
  };
}

/** The entry of a kernel whose /boot is a partition. @param {string} kernel */
export const ownBootEntry = (kernel) => ({
  kernel,
  linux: `/vmlinuz-${kernel}`,
  initrd: `/initrd.img-${kernel}`,
  on: BOOT_UUID,
});

/** @param {Kernels} kernels @returns {Files} */
function bootFiles(kernels) {
  const entries = [kernels.old, kernels.new_].map(({ kernel }) => ownBootEntry(kernel));
  return { ...menuFiles(kernels), '/boot/grub/grub.cfg': Buffer.from(grubConfig(entries)) };
}

/** @returns {Kernels} */
export function installedKernels() {
  const [old, new_] = [PARTS_OF.old, PARTS_OF.new_].map((name) => {
    const { kernel, vmlinuz, image } = plainBase(name);
    return { kernel, vmlinuz: readFileSync(vmlinuz), image: readFileSync(image) };
  });
  if (old === undefined || new_ === undefined) throw new Error('there are two');
  return { old, new_ };
}
