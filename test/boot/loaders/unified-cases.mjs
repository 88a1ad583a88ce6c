// @ts-check
// Cases that systemd-boot decides, of unified kernel images.
import { MACHINE_ID, entryFile, loaderConfig, unifiedPath } from './bases.mjs';
import { firstHalf, sectionOf, withImage, withSectionRenamed, withoutIndex } from './images.mjs';

/** @typedef {import('./cases.mjs').LoaderCase} LoaderCase */
/** @typedef {import('./cases.mjs').Sound} Sound */

/** @type {readonly import('./bases.mjs').LoaderBaseName[]} */
const ON = ['systemd-boot-uki'];
const CONFIG = '/efi/loader/loader.conf';

/**
 * @param {string} name
 * @param {string | null} code
 * @param {boolean} boots
 * @param {LoaderCase['change']} change
 * @returns {LoaderCase}
 */
const one = (name, code, boots, change) => ({ name, code, boots, bases: ON, change });

/** @param {Sound} sound @param {string} kernel @param {(unified: Buffer) => Buffer} change */
const changed = ({ read }, kernel, change) => ({
  path: unifiedPath(kernel),
  content: change(read(unifiedPath(kernel))),
});

/** @param {Buffer} unified */
const broken = (unified) => withImage(unified, withoutIndex);

/** A type 1 entry of the kernel in a unified image, and its files. */
const typeOne = (/** @type {Sound} */ { read }, /** @type {string} */ kernel, name = `type1-${kernel}`) => {
  const unified = read(unifiedPath(kernel));
  return [
    ...['linux', 'initrd'].map((file) => ({
      path: `/efi/${MACHINE_ID}/${kernel}/${file}`,
      content: Buffer.from(sectionOf(unified, `.${file}`).bytes),
    })),
    { path: `/efi/loader/entries/${name}.conf`, content: Buffer.from(entryFile(kernel, { name })) },
  ];
};

/** @type {readonly LoaderCase[]} */
export const UNIFIED_CASES = [
  one('the unified image is cut in half', 'image_truncated', false, (sound) => [changed(sound, sound.old, firstHalf)]),
  one('the image in the unified image has no module index', 'module_index_empty', false, (sound) => [
    changed(sound, sound.old, broken),
  ]),
  one('the unified image is gone: another boots', 'default_entry_stale', true, ({ old }) => [
    { path: unifiedPath(old), content: null },
  ]),
  one('the default unified image is broken and has no .osrel: another boots', null, true, (sound) => [
    changed(sound, sound.old, (unified) => withSectionRenamed(broken(unified), '.osrel', '.xsrel')),
  ]),
  one('another unified image is cut in half', null, true, (sound) => [changed(sound, sound.new_, firstHalf)]),
  one(
    'no default: a unified image comes before a type 1 entry, and is broken',
    'module_index_empty',
    false,
    (sound) => [
      { path: CONFIG, content: Buffer.from('timeout 0\n') },
      { path: unifiedPath(sound.new_), content: null },
      changed(sound, sound.old, broken),
      ...typeOne(sound, sound.new_),
    ],
  ),
  one('no default: a unified image comes before a type 1 entry, which is broken', null, true, (sound) => [
    { path: CONFIG, content: Buffer.from('timeout 0\n') },
    ...typeOne(sound, sound.new_).filter(({ path }) => !path.endsWith('/initrd')),
    { path: unifiedPath(sound.new_), content: null },
  ]),
  one('the default is a type 1 entry beside unified images', null, true, (sound) => [
    { path: CONFIG, content: loaderConfig(`type1-${sound.old}.conf`) },
    changed(sound, sound.old, broken),
    ...typeOne(sound, sound.old),
  ]),
  one('boot attempts are left', null, true, ({ old, read }) => [
    { path: unifiedPath(old), content: null },
    { path: unifiedPath(old).replace('.efi', '+3.efi'), content: read(unifiedPath(old)) },
  ]),
];
