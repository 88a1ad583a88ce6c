// @ts-check
// How a guest that boots is brought to where it does not: files of its own exchanged.
import { copyFileSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BLIND_DEPMOD } from '../../setup/images.mjs';
import { driverlessConfiguration } from './guest.mjs';

/** @typedef {import('./build.mjs').MendBase} MendBase */
/** @typedef {import('./layouts.mjs').LayoutName} LayoutName */
/** @typedef {import('./layouts.mjs').Layout} Layout */
/** @typedef {import('./lay-files.mjs').Files} Files */
/**
 * @typedef {object} MendCase
 * @property {string} name
 * @property {readonly LayoutName[]} on
 * @property {(base: MendBase, work: string, layout: Layout) => Files} spoil
 */

/** @type {readonly MendCase[]} */
export const MEND_CASES = [
  {
    name: 'an image with an empty module index',
    on: ['ext4', 'lvm'],
    spoil: (base) => image(base, base.odd),
  },
  {
    name: 'an image cut short',
    on: ['ext4', 'lvm'],
    spoil: (base, work) => {
      const file = join(work, 'cut');
      copyFileSync(base.sound, file);
      truncateSync(file, Math.floor(statSync(file).size / 2));
      return image(base, file);
    },
  },
  {
    name: 'an image without the driver of the root disk',
    on: ['ext4'],
    spoil: (base, work, layout) => {
      const file = join(work, 'lab.conf');
      writeFileSync(file, driverlessConfiguration(layout));
      return { ...image(base, base.driverless), '/etc/dracut.conf.d/lab.conf': { from: file } };
    },
  },
  {
    name: 'kmod damaged, and all that was made with it',
    on: ['ext4'],
    spoil: (base, work) => {
      const blind = join(work, 'depmod');
      writeFileSync(blind, BLIND_DEPMOD);
      const index = readdirSync(base.index).map((name) => [
        `/usr/lib/modules/${base.kernel}/${name}`,
        { from: join(base.index, name) },
      ]);
      return {
        ...image(base, base.odd),
        '/usr/sbin/depmod': { from: blind, executable: true },
        ...Object.fromEntries(index),
      };
    },
  },
];

/** @param {MendBase} base @param {string} from @returns {Files} */
const image = ({ kernel }, from) => ({ [`/boot/initrd.img-${kernel}`]: { from } });
