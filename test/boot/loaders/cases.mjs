// @ts-check
// What a loader decides: each case is a change to files that it reads, made to the guest's disk and to what the guest
// captured of itself.
import { FIRMWARE_CASES } from './firmware-cases.mjs';
import { GRUB_CASES } from './grub-cases.mjs';
import { SECURE_CASES } from './secure-cases.mjs';
import { SYSTEMD_BOOT_CASES } from './systemd-boot-cases.mjs';
import { UNIFIED_CASES } from './unified-cases.mjs';

/** @typedef {import('./bases.mjs').LoaderBaseName} LoaderBaseName */
/** @typedef {import('./disk.mjs').Change} Change */
/**
 * @typedef {object} Sound what a base offers to plant faults in
 * @property {string} old its default kernel
 * @property {string} new_ the other one
 * @property {(path: string) => Buffer} read a file that its loader reads
 *
 * @typedef {object} LoaderCase
 * @property {string} name
 * @property {string | null} code the fault that is planted; null: none, or none that a rule knows
 * @property {boolean} boots what is to be expected
 * @property {readonly LoaderBaseName[]} bases
 * @property {(sound: Sound) => readonly Change[]} change
 */

/** @type {readonly LoaderCase[]} */
export const LOADER_CASES = [
  ...SYSTEMD_BOOT_CASES,
  ...UNIFIED_CASES,
  ...GRUB_CASES,
  ...FIRMWARE_CASES,
  ...SECURE_CASES,
];
