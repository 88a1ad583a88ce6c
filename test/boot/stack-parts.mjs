// @ts-check
// What the storage stacks have in common: what a stack is, and the plainest of them, which the others change.
import { ext4 } from './guests/file-systems.mjs';

/** @typedef {import('../setup/overlay.mjs').OverlayHost} OverlayHost */
/**
 * @typedef {object} Stack
 * @property {import('../setup/chroots.mjs').Release} [release] whose generator and kernel; this machine's own Debian where none is said
 * @property {string} [metapackage] of the kernel, where the release's folder holds none
 * @property {'cloud' | 'generic'} kernel cloud wherever what the stack needs is a module there
 * @property {keyof typeof import('./oracle.mjs').BUSES} bus
 * @property {'initramfs-tools'} [generator] dracut where none is said
 * @property {string} modules dracut's, besides those that every base has
 * @property {boolean} [withoutSystemd] in the image: dracut's own scripts mount the root
 * @property {boolean} [hostOnly] dracut chooses its modules, and only the drivers of the machine that it runs on
 * @property {string} [arguments] further ones for dracut
 * @property {readonly string[]} packages of tools that the image or the disk takes
 * @property {string} [prepare] shell to run before the image is built
 * @property {string} commandLine
 * @property {import('./oracle.mjs').Typed} [types] what somebody at the console answers
 * @property {Readonly<Record<string, string>>} files of the root
 * @property {readonly string[]} disks in the throwaway host: files, or a folder that the guest is shown
 * @property {readonly string[]} layers files of guests/ that `lay` takes
 * @property {(host: OverlayHost) => Promise<unknown>} lay
 */

export const UUID = '5e11be11-0000-4000-8000-0be11be11be1';
export const BY_UUID = `root=UUID=${UUID} rw`;
export const ONE = ['/tmp/disk0'];
export const TWO = ['/tmp/disk0', '/tmp/disk1'];
export const LONG = { timeout: 600_000 };

export const fstab = (/** @type {string} */ device, /** @type {string} */ type, more = '') => ({
  '/etc/fstab': `${device} / ${type} defaults 0 1\n${more}`,
});

/** @type {Pick<Stack, 'modules' | 'packages' | 'commandLine' | 'files' | 'disks' | 'layers' | 'lay'>} */
export const PLAIN = {
  modules: '',
  packages: [],
  commandLine: BY_UUID,
  files: fstab(`UUID=${UUID}`, 'ext4'),
  disks: ONE,
  layers: ['file-systems.mjs'],
  lay: (host) => host.sh(`cd /tmp && ${ext4(UUID, '/tmp/disk0')}`, LONG),
};
