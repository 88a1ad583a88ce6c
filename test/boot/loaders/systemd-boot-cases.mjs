// @ts-check
// Cases that systemd-boot decides, of type 1 entries.
import { MACHINE_ID, entryFile, entryPath, loaderConfig } from './bases.mjs';
import { addition, firstHalf, withoutIndex } from './images.mjs';

/** @typedef {import('./cases.mjs').LoaderCase} LoaderCase */
/** @typedef {import('./cases.mjs').Sound} Sound */

/** @type {readonly import('./bases.mjs').LoaderBaseName[]} */
const ON = ['systemd-boot'];
const CONFIG = '/efi/loader/loader.conf';

/** @param {string} kernel @param {string} file */
const kernelFile = (kernel, file) => `/efi/${MACHINE_ID}/${kernel}/${file}`;
/** @param {string} path */
const gone = (path) => ({ path, content: null });
/** @param {string} path @param {string} text */
const text = (path, text) => ({ path, content: Buffer.from(text) });

/**
 * @param {string} name
 * @param {string | null} code
 * @param {boolean} boots
 * @param {LoaderCase['change']} change
 * @returns {LoaderCase}
 */
const one = (name, code, boots, change) => ({ name, code, boots, bases: ON, change });

/** The default entry loads a second image, of which the sound one comes first or last. */
const twoImages = (/** @type {Sound} */ { old, read }, /** @type {readonly string[]} */ order) => {
  const at = `/${MACHINE_ID}/${old}`;
  return [
    { path: kernelFile(old, 'broken'), content: withoutIndex(read(kernelFile(old, 'initrd'))) },
    text(entryPath(old), entryFile(old, { initrds: order.map((file) => `${at}/${file}`) })),
  ];
};

/** @type {readonly LoaderCase[]} */
export const SYSTEMD_BOOT_CASES = [
  one('the image of the default entry is gone', 'image_missing', false, ({ old }) => [gone(kernelFile(old, 'initrd'))]),
  one('the kernel of the default entry is gone: another entry boots', 'default_entry_stale', true, ({ old }) => [
    gone(kernelFile(old, 'linux')),
  ]),
  one('loader.conf names an entry that is not there: another boots', 'default_entry_stale', true, () => [
    { path: CONFIG, content: loaderConfig('no-such-entry.conf') },
  ]),
  one('two images, the broken one last', 'module_index_empty', false, (sound) =>
    twoImages(sound, ['initrd', 'broken']),
  ),
  one('two images, the broken one first', null, true, (sound) => twoImages(sound, ['broken', 'initrd'])),
  one('default is said twice: the last counts', null, true, ({ old, new_ }) => [
    text(CONFIG, `default ${MACHINE_ID}-${new_}.conf\ntimeout 0\ndefault ${MACHINE_ID}-${old}.conf\n`),
    gone(kernelFile(new_, 'initrd')),
  ]),
  one('the default entry is of another architecture: another boots', null, true, ({ old }) => [
    text(entryPath(old), entryFile(old, { more: 'architecture aa64' })),
    gone(kernelFile(old, 'initrd')),
  ]),
  one('the kernel file is cut in half', null, false, ({ old, read }) => [
    { path: kernelFile(old, 'linux'), content: firstHalf(read(kernelFile(old, 'linux'))) },
  ]),
  one('the kernel file is empty', null, false, ({ old }) => [text(kernelFile(old, 'linux'), '')]),
  one('boot attempts are left', null, true, ({ old, read }) => [
    gone(entryPath(old)),
    { path: entryPath(old).replace('.conf', '+3.conf'), content: read(entryPath(old)) },
  ]),
  one('no boot attempt is left, no default is said: another entry boots', null, true, ({ new_, read }) => [
    text(CONFIG, 'timeout 0\n'),
    gone(entryPath(new_)),
    { path: entryPath(new_).replace('.conf', '+0-3.conf'), content: read(entryPath(new_)) },
    gone(kernelFile(new_, 'initrd')),
  ]),
  one('no boot attempt is left for the default entry, which is broken', 'image_missing', false, ({ old, read }) => [
    gone(entryPath(old)),
    { path: entryPath(old).replace('.conf', '+0-3.conf'), content: read(entryPath(old)) },
    gone(kernelFile(old, 'initrd')),
  ]),
  one('no loader.conf: the newest entry boots, and its image is gone', 'image_missing', false, ({ new_ }) => [
    gone(CONFIG),
    gone(kernelFile(new_, 'initrd')),
  ]),
  one('the loader itself is gone', null, false, () =>
    ['BOOT/BOOTX64.EFI', 'systemd/systemd-bootx64.efi'].map((file) => gone(`/efi/EFI/${file}`)),
  ),
  one('the image of another entry is gone', null, true, ({ new_ }) => [gone(kernelFile(new_, 'initrd'))]),
  one('a small image before the main one', null, true, ({ old }) => [
    { path: kernelFile(old, 'addition'), content: addition() },
    text(
      entryPath(old),
      entryFile(old, { initrds: ['addition', 'initrd'].map((file) => `/${MACHINE_ID}/${old}/${file}`) }),
    ),
  ]),
  one('a small image before the main one is gone', 'entry_file_missing', false, ({ old }) => [
    text(
      entryPath(old),
      entryFile(old, { initrds: ['addition', 'initrd'].map((file) => `/${MACHINE_ID}/${old}/${file}`) }),
    ),
  ]),
  one('default is said without its suffix: another entry boots', 'default_entry_stale', true, ({ old }) => [
    { path: CONFIG, content: loaderConfig(`${MACHINE_ID}-${old}`) },
  ]),
  one('default is a pattern', null, true, () => [{ path: CONFIG, content: loaderConfig('*-6.1.*') }]),
  one('the default entry loads the other kernel and its image', null, true, ({ old, new_ }) => [
    text(
      entryPath(old),
      entryFile(old, { linux: `/${MACHINE_ID}/${new_}/linux`, initrds: [`/${MACHINE_ID}/${new_}/initrd`] }),
    ),
  ]),
  one("the default entry loads the other kernel's image", 'version_mismatch', false, ({ old, new_ }) => [
    text(entryPath(old), entryFile(old, { initrds: [`/${MACHINE_ID}/${new_}/initrd`] })),
  ]),
];
