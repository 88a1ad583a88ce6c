// @ts-check
// node test/boot/keep-captured.mjs [BASE…]: what the guests captured of themselves (all of them where none is named), from
// the cache into test/boot/captured, so that it is at hand where nothing can be booted.
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cachePath } from '../setup/cache.mjs';
import { run } from '../setup/command.mjs';
import { BASES } from './bases.mjs';
import { STACKS } from './stack-bases.mjs';

/** Of those that a loader starts, the one whose /boot is a partition. */
const OWN_BOOT = 'loader-grub-bios-boot';

const KEPT = fileURLToPath(new URL('./captured/', import.meta.url));
const PLAIN = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0'];

mkdirSync(KEPT, { recursive: true });
const named = process.argv.slice(2);
for (const name of named.length > 0 ? named : [...Object.keys(BASES), ...Object.keys(STACKS), OWN_BOOT]) {
  const folder = cachePath('boot', name);
  if (!existsSync(`${folder}/root`)) {
    console.error(`${name}: not set up (node test/setup/setup.mjs boot-${name})`);
    continue;
  }
  const archive = `${KEPT}${name}.tar.xz`;
  rmSync(`${archive}.part`, { force: true });
  await run('tar', [...PLAIN, '-C', `${folder}/root`, '-I', 'xz -6e -T1', '-cf', `${archive}.part`, '.']);
  renameSync(`${archive}.part`, archive);
}
