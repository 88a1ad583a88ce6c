// @ts-check
// Firmware, loaders and the tools that lay disks: Debian's packages, unpacked into the cache and never installed here.
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cachePath } from '../../setup/cache.mjs';
import { run, runOnline } from '../../setup/command.mjs';

const PACKAGES = [
  'fdisk',
  'grub-common',
  'grub-efi-amd64-bin',
  'grub-efi-amd64-signed',
  'grub-pc-bin',
  'libfdisk1',
  'mtools',
  'ovmf',
  'shim-signed',
  'systemd-boot-efi',
];

const FOLDER = cachePath('boot', 'loader-parts');

/** @param {...string} path */
export const part = (...path) => join(FOLDER, ...path);

/** Debian's, signed by Microsoft: what firmware with the usual keys starts under Secure Boot. */
export const signedShim = () => readFileSync(part('usr/lib/shim/shimx64.efi.signed'));
/** Debian's, signed by the key that its shim brings. */
export const signedGrub = () => readFileSync(part('usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed'));

export const recipe = () => `apt-get download ${PACKAGES.join(' ')}; dpkg-deb -x`;

export const isDone = () => existsSync(FOLDER);

export async function make() {
  const work = `${FOLDER}.part`;
  for (const old of [FOLDER, work]) rmSync(old, { recursive: true, force: true });
  mkdirSync(join(work, 'deb'), { recursive: true });
  const download = () =>
    runOnline('apt-get', ['-o', 'APT::Sandbox::User=root', 'download', '-qq', ...PACKAGES], { cwd: join(work, 'deb') });
  // Package lists that are too old name a file that the mirror no longer has.
  await download().catch(async () => {
    await runOnline('apt-get', ['update', '-qq']);
    await download();
  });
  for (const deb of readdirSync(join(work, 'deb'))) await run('dpkg-deb', ['-x', join(work, 'deb', deb), work]);
  rmSync(join(work, 'deb'), { recursive: true });
  for (const left of ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'etc'])
    rmSync(join(work, left), { recursive: true, force: true });
  renameSync(work, FOLDER);
}

/**
 * Runs one of the unpacked programs, with the libraries that came along.
 * @param {string} program its path in its package
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export function runPart(program, args, options = {}) {
  const libraries = ['lib', 'usr/lib'].map((lib) => part(lib, 'x86_64-linux-gnu')).join(':');
  return run(part(program), args, { ...options, env: { LD_LIBRARY_PATH: libraries, MTOOLS_SKIP_CHECK: '1' } });
}
