// @ts-check
// What a case of the catalogue is, and what it is made from.
import { ROOT } from '../bases.mjs';
import { readMembers, writeMembers } from '../newc.mjs';

/** @typedef {import('../bases.mjs').BaseName} BaseName */
/** @typedef {import('../newc.mjs').Member} Member */

/**
 * @typedef {object} Sound what a base offers to plant faults in
 * @property {BaseName} base
 * @property {string} kernel
 * @property {Buffer} image one plain archive
 * @property {readonly Member[]} members
 * @property {string} modules where its modules are in the image: `usr/lib/modules/K`
 *
 * @typedef {object} Planted
 * @property {Buffer} image what the guest gets as its image
 * @property {string} append the command line, without what every case gets
 * @property {((root: string) => void) | null} edit what else of the captured tree is changed, so that it tells what boots
 *
 * @typedef {object} Case
 * @property {string} name
 * @property {string | null} code the fault that is planted; null: the guest is sound, or has a flaw that harms nobody
 * @property {string} about the rule that the case tries; of a near miss, the one that it nearly breaks
 * @property {boolean | null} boots what is to be expected; null: the boot alone tells
 * @property {readonly BaseName[]} bases
 * @property {boolean} slow a guest with this fault waits for its root until it gives up
 * @property {(sound: Sound) => Planted} plant
 *
 * @typedef {Buffer | readonly Member[] | {image?: Buffer | readonly Member[], append?: string, edit?: (root: string) => void}} Given
 * @typedef {{boots?: boolean | null, slow?: boolean}} More
 */

export const SYSTEMD_59 = 'dracut-059-systemd';
export const SYSTEMD_106 = 'dracut-106-systemd';
export const PLAIN = 'dracut-059';
export const TOOLS = 'initramfs-tools-0.142';
/** Their udev has notes of what it opens. */
export const SYSTEMD_112 = 'dracut-112-systemd';
export const TOOLS_148 = 'initramfs-tools-0.148';
/** @type {readonly BaseName[]} */
export const SYSTEMD = [SYSTEMD_59, SYSTEMD_106];
/** @type {readonly BaseName[]} */
export const DRACUT = [PLAIN, SYSTEMD_106, SYSTEMD_59];
/** @type {readonly BaseName[]} Those whose virtio is in modules of its own. */
export const MODULAR = [PLAIN, TOOLS, SYSTEMD_59];
/** @type {readonly BaseName[]} */
export const ALL = [PLAIN, SYSTEMD_106, TOOLS, SYSTEMD_59];

/** @type {readonly BaseName[]} One for each kernel: where nothing of the image takes part, the guests of others are the same. */
export const KERNELS = [PLAIN, SYSTEMD_106];

/**
 * A case with a fault that a rule should find.
 * @param {string} code
 * @param {string} name
 * @param {readonly BaseName[]} bases
 * @param {(sound: Sound) => Given} make the image, its members, or what else is changed
 * @param {More} [more]
 * @returns {Case}
 */
export function fault(code, name, bases, make, { boots = false, slow = false } = {}) {
  return { name, code, about: code, boots, bases, slow, plant: (sound) => planted(sound, make(sound)) };
}

/**
 * A case that a rule should let pass, although it looks like its fault.
 * @param {string} about
 * @param {string} name
 * @param {readonly BaseName[]} bases
 * @param {(sound: Sound) => Given} make
 * @returns {Case}
 */
export function nearMiss(about, name, bases, make) {
  return { name, code: null, about, boots: true, bases, slow: false, plant: (sound) => planted(sound, make(sound)) };
}

/**
 * @param {Sound} sound
 * @param {Given} given
 * @returns {Planted}
 */
function planted(sound, given) {
  if (Buffer.isBuffer(given) || isMembers(given)) return { image: asImage(given), append: ROOT, edit: null };
  const { image = sound.image, append = ROOT, edit = null } = given;
  return { image: asImage(image), append, edit };
}

/** @param {Given} given @returns {given is readonly Member[]} */
const isMembers = (given) => Array.isArray(given);

/** @param {Buffer | readonly Member[]} image */
const asImage = (image) => (Buffer.isBuffer(image) ? image : writeMembers(image));

/**
 * @param {BaseName} base
 * @param {string} kernel
 * @param {Buffer} image
 * @returns {Sound}
 */
export function soundOf(base, kernel, image) {
  return { base, kernel, image, members: readMembers(image), modules: `usr/lib/modules/${kernel}` };
}
