// @ts-check
// The programs to measure against, and the images and the host to measure on: in the cache, never in the tree.
import { copyFileSync, existsSync, linkSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cachePath } from '../setup/cache.mjs';
import { hasProgram, run, runOnline } from '../setup/command.mjs';
import { imagePath } from '../setup/images.mjs';
import { kernels } from '../setup/kernels.mjs';

const THREECPIO = '0.14.0';

/** 3cpio, built once; null where there is no cargo to build it with. */
export async function threecpio() {
  const root = cachePath('3cpio');
  const binary = join(root, 'bin/3cpio');
  if (existsSync(binary)) return binary;
  if (!(await hasProgram('cargo'))) return null;
  await runOnline('cargo', ['install', 'threecpio', '--version', THREECPIO, '--locked', '--root', root]);
  return binary;
}

/** How each compression is unpacked to nowhere. */
export const DECOMPRESSORS = /** @type {const} */ ({
  gzip: ['gzip', '-dc'],
  zstd: ['zstd', '-dcq'],
  xz: ['xz', '-dc', '-T0'],
  lz4: ['lz4', '-dcq'],
});

/** An image that unpacks to twice as much: the generic one two times, as one gzip stream. */
export async function doubledImage() {
  const path = cachePath('images', 'bench-doubled.img');
  if (!existsSync(path)) {
    const from = imagePath('generic-gzip');
    await run('sh', [
      '-c',
      'for i in 1 2; do gzip -dc "$1"; done | gzip -6n > "$2.part" && mv "$2.part" "$2"',
      'sh',
      from,
      path,
    ]);
  }
  return path;
}

/** A root with two kernels, each with a generic image of its own. */
export function twoKernelHost() {
  const root = cachePath('bench-host');
  rmSync(root, { recursive: true, force: true });
  const found = [kernels().generic, kernels().cloud];
  for (const { version, dir } of found) {
    for (const directory of ['boot', 'lib/modules']) mkdirSync(join(root, directory), { recursive: true });
    place(join(dir, `boot/vmlinuz-${version}`), join(root, `boot/vmlinuz-${version}`));
    place(join(dir, `boot/config-${version}`), join(root, `boot/config-${version}`));
    place(imagePath('generic-gzip'), join(root, `boot/initrd.img-${version}`));
    const modules = `lib/modules/${version}`;
    mkdirSync(join(root, modules), { recursive: true });
    for (const name of [
      'dep',
      'dep.bin',
      'alias.bin',
      'symbols.bin',
      'builtin',
      'builtin.bin',
      'builtin.modinfo',
      'softdep',
    ])
      place(join(dir, modules, `modules.${name}`), join(root, modules, `modules.${name}`));
  }
  return { root, versions: found.map(({ version }) => version) };
}

/**
 * @param {string} from
 * @param {string} to
 */
function place(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
