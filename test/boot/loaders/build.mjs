// @ts-check
// Builds a guest's disk, has its own loader start it once, and keeps what it captured of itself. Cached outside the tree.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BUNDLE } from '../../setup/build.mjs';
import { cachePath, readStamp } from '../../setup/cache.mjs';
import { chrootPath } from '../../setup/chroots.mjs';
import { run } from '../../setup/command.mjs';
import { ROOT_UUID, base as plainBase } from '../bases.mjs';
import { keepFacts } from '../capture.mjs';
import { LOADER_BASES, MACHINE_ID, PARTS_OF, entryFile, installedKernels, ownBootEntry } from './bases.mjs';
import { BOOT_UUID, CORE_SECTOR, ESP_UUID, addBootPartition, changeDisk, editRoot, layDisk } from './disk.mjs';
import { CAPTURE_MARKER, initScript } from './guest-init.mjs';
import { embedGrub, grubConfig, grubStub } from './grub.mjs';
import { start } from './start.mjs';

/** @typedef {import('./bases.mjs').LoaderBaseName} LoaderBaseName */
/** @typedef {import('./disk.mjs').Change} Change */

/** @param {LoaderBaseName} name */
export const step = (name) => `boot-loader-${name}`;

export const NEEDS = [
  'build',
  'emulator',
  'boot-loader-parts',
  ...Object.values(PARTS_OF).map((name) => `boot-${name}`),
];

/** @param {LoaderBaseName} name */
const folder = (name) => cachePath('boot', `loader-${name}`);

/** @param {LoaderBaseName} name */
export const isDone = (name) => existsSync(join(folder(name), 'root'));

/** @param {LoaderBaseName} name */
export function recipe(name) {
  /** @type {import('./bases.mjs').LoaderBase} */
  const { firmware, espAt, ownBoot, files } = LOADER_BASES[name];
  const texts = [
    initScript(espAt, ownBoot),
    ...[entryFile('K'), grubConfig([{ kernel: 'K' }]), grubStub, fstabOf(espAt, ownBoot)],
    ...(ownBoot ? [addBootPartition.toString(), grubConfig([ownBootEntry('K')])] : []),
  ];
  const parts = Object.values(PARTS_OF).map((part) => readStamp(`boot-${part}`).recipe);
  return createHash('sha256')
    .update(JSON.stringify([name, firmware, files.toString(), texts, parts, diskRecipe()]))
    .digest('hex');
}

/** @param {LoaderBaseName} name */
export const laidOut = (name) => ({
  disk: join(folder(name), 'disk'),
  /** What it captured of itself. */
  root: join(folder(name), 'root'),
  /** All that the loader reads, and the loader, by their paths on the host. */
  files: join(folder(name), 'files'),
});

/** @param {LoaderBaseName} name */
export async function make(name) {
  /** @type {import('./bases.mjs').LoaderBase} */
  const base = LOADER_BASES[name];
  const { firmware, espAt, ownBoot = false, files: filesOf } = base;
  const work = `${folder(name)}.part`;
  for (const old of [folder(name), work]) rmSync(old, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const kernels = installedKernels();
  const files = await filesOf(kernels);
  const disk = join(work, 'disk');
  await layDisk(disk, plainBase(PARTS_OF.old).disk);
  await editRoot(disk, [
    ...emptied(kernels.old.kernel),
    'mkdir /efi',
    'mkdir /boot/efi',
    ...modulesOf(kernels.new_.kernel),
  ]);
  if (ownBoot) await addBootPartition(disk);
  /** @type {Change[]} */
  const laid = Object.entries(files).map(([path, content]) => ({ path, content }));
  const config = `config-${kernels.new_.kernel}`;
  await changeDisk(disk, base, [
    ...laid,
    { path: '/etc/fstab', content: Buffer.from(fstabOf(espAt, ownBoot)) },
    { path: '/etc/machine-id', content: Buffer.from(`${MACHINE_ID}\n`) },
    { path: `/boot/${config}`, content: readFileSync(join(chrootPath('trixie'), 'boot', config)) },
    { path: '/opt/bellwether.cjs', content: readFileSync(BUNDLE) },
    { path: '/sbin/init', content: Buffer.from(initScript(espAt, ownBoot)) },
  ]);
  await editRoot(disk, ['set_inode_field /sbin/init mode 0100755']);
  if (firmware === 'bios') await embedGrub(disk, CORE_SECTOR, ownBoot ? '(,gpt4)/grub' : undefined);
  for (const { path, content } of laid) {
    const kept = join(work, 'files', path);
    mkdirSync(dirname(kept), { recursive: true });
    writeFileSync(kept, content ?? '');
  }
  await captureOn(disk, base, work);
  renameSync(work, folder(name));
}

/** @param {string} espAt @param {boolean} [ownBoot] */
const fstabOf = (espAt, ownBoot = false) =>
  `UUID=${ROOT_UUID} / ext4 defaults 0 1\n${ownBoot ? `UUID=${BOOT_UUID} /boot ext4 defaults 0 2\n` : ''}UUID=${ESP_UUID} ${espAt} vfat umask=0077 0 2\n`;

/** How the root differs from the one that it is taken from. */
const diskRecipe = () => JSON.stringify([emptied('K'), modulesOf.toString(), layDisk.toString()]);

/**
 * What of /boot the host has whose root is taken, and this one only if its loader reads it.
 * @param {string} kernel
 */
const emptied = (kernel) => ['rm /boot/grub/grub.cfg', `rm /boot/initrd.img-${kernel}`, 'rmdir /boot/grub'];

/**
 * Requests that lay the modules of the second kernel into the root.
 * @param {string} kernel
 */
function modulesOf(kernel) {
  const from = join(chrootPath('trixie'), 'usr/lib/modules', kernel);
  const requests = [`mkdir /usr/lib/modules/${kernel}`];
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const inside = `/usr/lib/modules/${kernel}${path.slice(from.length)}`;
    if (entry.isDirectory()) requests.push(`mkdir ${inside}`);
    else if (entry.isFile()) requests.push(`write ${path} ${inside}`);
  }
  return requests;
}

/**
 * @param {string} disk
 * @param {import('./bases.mjs').LoaderBase} base
 * @param {string} into
 */
async function captureOn(disk, base, into) {
  const marked = join(into, 'marked');
  await run('cp', ['--sparse=always', disk, marked]);
  await changeDisk(marked, base, [{ path: `${base.espAt}${CAPTURE_MARKER}`, content: Buffer.from('\n') }]);
  /** @type {string[]} */
  const console_ = [];
  await start(
    { disk: marked, firmware: base.firmware },
    { onLine: (line) => console_.push(line), stopOnArrival: false },
  );
  rmSync(marked);
  writeFileSync(join(into, 'console'), console_.join('\n'));
  await keepFacts(console_, into);
}
