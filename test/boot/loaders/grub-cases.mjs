// @ts-check
// Cases that GRUB decides. Most by BIOS, which is faster; those that are about the EFI partition, by EFI: by a GRUB that was
// made for the guest, and by shim and Debian's signed one, under Secure Boot.
import { ROOT_UUID } from '../bases.mjs';
import { ownBootEntry } from './bases.mjs';
import { BOOT_UUID } from './disk.mjs';
import { grubConfig, grubEnvironment, grubEntry, grubStub } from './grub.mjs';
import { addition, firstHalf, withoutIndex } from './images.mjs';

/** @typedef {import('./cases.mjs').LoaderCase} LoaderCase */

const EFI = /** @type {const} */ (['grub-efi', 'grub-efi-signed']);
const SIGNED = /** @type {const} */ (['grub-efi-signed']);
const BIOS = /** @type {const} */ (['grub-bios']);
const BIOS_AND_SIGNED = /** @type {const} */ ([...BIOS, ...SIGNED]);
const OWN_BOOT = /** @type {const} */ (['grub-bios-boot']);
const ALL = /** @type {const} */ ([...BIOS, ...EFI, ...OWN_BOOT]);
const CONFIG = '/boot/grub/grub.cfg';
const ENVIRONMENT = '/boot/grub/grubenv';
const STUB = '/boot/efi/EFI/debian/grub.cfg';
const OTHER_STUB = '/boot/efi/EFI/ubuntu/grub.cfg';
const WRONG_UUID = '0bad0bad-0000-4000-8000-0bad0bad0bad';

/** @param {string} path */
const gone = (path) => ({ path, content: null });
/** @param {string} path @param {string} text */
const text = (path, text) => ({ path, content: Buffer.from(text) });
/** @param {Readonly<Record<string, string>>} variables */
const environment = (variables) => ({ path: ENVIRONMENT, content: grubEnvironment(variables) });

/** As grub-mkconfig begins: entries have the ids that they bear only where this comes first. */
const IDS = `if [ x"\${feature_menuentry_id}" = xy ]; then
  menuentry_id_option="--id"
else
  menuentry_id_option=""
fi
export menuentry_id_option
`;

/** @param {import('./cases.mjs').Sound} sound */
const withIds = ({ read }) => ({ path: CONFIG, content: Buffer.concat([Buffer.from(IDS), read(CONFIG)]) });

/**
 * @param {readonly import('./bases.mjs').LoaderBaseName[]} bases
 * @param {string} name
 * @param {string | null} code
 * @param {boolean} boots
 * @param {LoaderCase['change']} change
 * @returns {LoaderCase}
 */
const one = (bases, name, code, boots, change) => ({ name, code, boots, bases, change });

/** @type {readonly LoaderCase[]} */
export const GRUB_CASES = [
  one(ALL, 'the kernel of the first entry is gone', 'entry_file_missing', false, ({ old }) => [
    gone(`/boot/vmlinuz-${old}`),
  ]),
  one([...BIOS_AND_SIGNED, ...OWN_BOOT], 'the image of the first entry is gone', 'image_missing', false, ({ old }) => [
    gone(`/boot/initrd.img-${old}`),
  ]),
  one(BIOS_AND_SIGNED, 'saved_entry names an entry that is not there', 'default_entry_stale', true, () => [
    environment({ saved_entry: 'gnulinux-5.10.0-absent-advanced' }),
  ]),
  one(BIOS, 'the kernel of the first entry is gone, and fallback names the second', null, true, ({ old, new_ }) => [
    text(CONFIG, grubConfig([{ kernel: old }, { kernel: new_ }], 'set fallback=1\n')),
    gone(`/boot/vmlinuz-${old}`),
  ]),
  one(EFI, 'the stub on the EFI partition searches for another file system', 'grub_stub_stale', false, () => [
    text(STUB, grubStub.replace(ROOT_UUID, WRONG_UUID)),
  ]),
  one(EFI, 'the stub on the EFI partition is gone', 'grub_stub_stale', false, () => [gone(STUB)]),
  one(SIGNED, 'the stub stands beside the signed GRUB, and not in its folder', null, true, ({ read }) => [
    gone(STUB),
    { path: '/boot/efi/EFI/BOOT/grub.cfg', content: read(STUB) },
  ]),
  one(EFI, "another vendor's stub, which nothing reads, searches for another file system", null, true, () => [
    text(OTHER_STUB, grubStub.replace(ROOT_UUID, WRONG_UUID)),
  ]),
  one(
    EFI,
    'the stub searches for another file system, that of another vendor does not',
    'grub_stub_stale',
    false,
    () => [text(STUB, grubStub.replace(ROOT_UUID, WRONG_UUID)), text(OTHER_STUB, grubStub)],
  ),
  one(EFI, 'the loader itself is gone', 'loader_missing', false, () =>
    ['EFI/BOOT/BOOTX64.EFI', 'EFI/debian/grubx64.efi'].map((file) => gone(`/boot/efi/${file}`)),
  ),
  one(ALL, 'grub.cfg is gone', 'grub_config_missing', false, () => [gone(CONFIG)]),
  one(ALL, 'grub.cfg is empty', 'default_entry_stale', false, () => [text(CONFIG, '')]),
  one(
    OWN_BOOT,
    'the entry calls its files as if /boot were a folder of the root',
    'entry_file_missing',
    false,
    ({ old }) => [text(CONFIG, grubConfig([{ kernel: old, on: BOOT_UUID }]))],
  ),
  one(OWN_BOOT, 'the entry looks for its files on the root', 'entry_file_missing', false, ({ old }) => [
    text(CONFIG, grubConfig([{ ...ownBootEntry(old), on: ROOT_UUID }])),
  ]),
  one(
    OWN_BOOT,
    'the entry looks for its files below the mount point of /boot',
    'entry_file_missing',
    false,
    ({ old }) => [text(CONFIG, grubConfig([{ kernel: old }]))],
  ),
  one(
    BIOS,
    'saved_entry names an entry of a submenu, and the image of the first is gone',
    null,
    true,
    ({ old, new_ }) => [
      text(
        CONFIG,
        `${IDS}${grubConfig([{ kernel: old }])}submenu 'Others' --id others {\n${grubEntry({ kernel: new_ })}}\n`,
      ),
      environment({ saved_entry: `others>gnulinux-${new_}-advanced` }),
      gone(`/boot/initrd.img-${old}`),
    ],
  ),
  one(BIOS, 'grub.cfg is cut in half within its first entry', null, false, ({ old }) => {
    const [whole, entry] = [grubConfig([]), grubEntry({ kernel: old })];
    return [text(CONFIG, whole + entry.slice(0, entry.indexOf('initrd')))];
  }),
  one(BIOS, 'an entry searches for another file system', null, true, ({ read }) => [
    text(CONFIG, read(CONFIG).toString().replace(`--set=root ${ROOT_UUID}`, `--set=root ${WRONG_UUID}`)),
  ]),
  one(BIOS_AND_SIGNED, 'saved_entry names the second entry, whose image is gone', 'image_missing', false, (sound) => [
    withIds(sound),
    environment({ saved_entry: `gnulinux-${sound.new_}-advanced` }),
    gone(`/boot/initrd.img-${sound.new_}`),
  ]),
  one(
    BIOS_AND_SIGNED,
    'saved_entry names the second entry, and the image of the first is gone',
    null,
    true,
    (sound) => [
      withIds(sound),
      environment({ saved_entry: `gnulinux-${sound.new_}-advanced` }),
      gone(`/boot/initrd.img-${sound.old}`),
    ],
  ),
  one(BIOS_AND_SIGNED, 'next_entry names a broken entry once', 'module_index_empty', false, (sound) => [
    withIds(sound),
    environment({ saved_entry: `gnulinux-${sound.old}-advanced`, next_entry: `gnulinux-${sound.new_}-advanced` }),
    {
      path: `/boot/initrd.img-${sound.new_}`,
      content: withoutIndex(sound.read(`/boot/initrd.img-${sound.new_}`)),
    },
  ]),
  one(BIOS, 'saved_entry names an id that the menu does not give: the first boots', null, true, ({ new_ }) => [
    environment({ saved_entry: `gnulinux-${new_}-advanced` }),
    gone(`/boot/initrd.img-${new_}`),
  ]),
  one(BIOS, 'saved_entry is a number', null, true, ({ old }) => [
    environment({ saved_entry: '1' }),
    gone(`/boot/initrd.img-${old}`),
  ]),
  one(BIOS, 'the environment block is empty', null, true, () => [text(ENVIRONMENT, '')]),
  one(BIOS_AND_SIGNED, 'the entry loads no image', 'entry_without_image', false, ({ old, new_ }) => [
    text(CONFIG, grubConfig([{ kernel: old, initrd: null }, { kernel: new_ }])),
  ]),
  one(BIOS, 'two images in one line, a small one first', null, true, ({ old, new_ }) => [
    { path: '/boot/early.img', content: addition() },
    text(CONFIG, grubConfig([{ kernel: old, initrd: `/boot/early.img /boot/initrd.img-${old}` }, { kernel: new_ }])),
  ]),
  one(BIOS, 'a small image before the main one is gone', 'entry_file_missing', false, ({ old, new_ }) => [
    text(CONFIG, grubConfig([{ kernel: old, initrd: `/boot/early.img /boot/initrd.img-${old}` }, { kernel: new_ }])),
  ]),
  one(BIOS_AND_SIGNED, 'the kernel file is cut in half', null, false, ({ old, read }) => [
    { path: `/boot/vmlinuz-${old}`, content: firstHalf(read(`/boot/vmlinuz-${old}`)) },
  ]),
];
