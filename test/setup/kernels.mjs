// @ts-check
// Debian's newest generic and cloud kernels, unpacked into the cache and never installed on this machine.
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachePath } from './cache.mjs';
import { run, runOnline } from './command.mjs';

const ARCH = process.arch === 'arm64' ? 'arm64' : 'amd64';
const METAPACKAGES = { generic: `linux-image-${ARCH}`, cloud: `linux-image-cloud-${ARCH}` };

export const recipe = () => `apt-get download ${Object.values(METAPACKAGES).join(' ')}; dpkg-deb -x; depmod -b`;

/**
 * The kernels in the cache: version, and the folder that holds `boot/` and `lib/modules/VERSION`.
 * @returns {Record<'generic' | 'cloud', {version: string, dir: string}>}
 */
export function kernels() {
  return JSON.parse(readFileSync(cachePath('kernels', 'kernels.json'), 'utf8'));
}

export function isDone() {
  return (
    existsSync(cachePath('kernels', 'kernels.json')) && Object.values(kernels()).every(({ dir }) => existsSync(dir))
  );
}

export async function make() {
  const into = cachePath('kernels');
  mkdirSync(into, { recursive: true });
  /** @type {Record<string, {version: string, dir: string}>} */
  const found = {};
  for (const [flavour, metapackage] of Object.entries(METAPACKAGES)) {
    const image = await versionedPackage(metapackage);
    const version = image.replace(/^linux-image-/, '');
    const dir = join(into, version);
    if (!existsSync(dir)) await unpack(image, version, dir);
    found[flavour] = { version, dir };
  }
  writeFileSync(join(into, 'kernels.json'), `${JSON.stringify(found, null, 2)}\n`);
}

/** @param {string} metapackage */
async function versionedPackage(metapackage) {
  const depends = () => run('apt-cache', ['depends', '--important', metapackage]);
  let text = await depends().catch(() => '');
  if (!text.includes('Depends:')) {
    await runOnline('apt-get', ['update', '-qq']);
    text = await depends();
  }
  const name = /Depends: (linux-image-\d\S*)/.exec(text)?.[1];
  if (name === undefined) throw new Error(`${metapackage} depends on no linux-image package:\n${text}`);
  return name;
}

/**
 * @param {string} image
 * @param {string} version
 * @param {string} dir
 */
async function unpack(image, version, dir) {
  const work = `${dir}.part`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, 'deb'), { recursive: true });
  const download = () =>
    runOnline('apt-get', ['-o', 'APT::Sandbox::User=root', 'download', '-qq', image], { cwd: join(work, 'deb') });
  // Package lists that are too old name a file that the mirror no longer has.
  await download().catch(async () => {
    await runOnline('apt-get', ['update', '-qq']);
    await download();
  });
  for (const deb of readdirSync(join(work, 'deb'))) await run('dpkg-deb', ['-x', join(work, 'deb', deb), work]);
  rmSync(join(work, 'deb'), { recursive: true });
  if (!existsSync(join(work, 'lib'))) renameSync(join(work, 'usr/lib'), join(work, 'lib')); // Debian 13 and later
  rmSync(join(work, 'usr'), { recursive: true, force: true }); // documentation alone
  await run('/sbin/depmod', ['-b', work, version]);
  renameSync(work, dir);
}
