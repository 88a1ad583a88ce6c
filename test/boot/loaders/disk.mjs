// @ts-check
// The guest's disk, laid and changed as a plain file: no loop device, nothing mounted. A GPT, a partition for GRUB's core
// image, the EFI partition by mtools, the root by debugfs.
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from '../../setup/command.mjs';
import { runPart } from './parts.mjs';

const MIB = 1 << 20;
/** In MiB from the disk's start. */
const CORE_AT = 1;
const ESP_AT = 2;
const ROOT_AT = 256;
export const ESP_UUID = '0BE1-1BE1';
/** Of a /boot that is a partition of its own. */
export const BOOT_UUID = '5e11be11-0000-4000-8000-0be11be11be2';
const BOOT_MIB = 256;
/** Where GRUB's core image is embedded, in sectors. */
export const CORE_SECTOR = (CORE_AT * MIB) / 512;

/**
 * @typedef {{path: string, content: Buffer | null}} Change a file of the host by its path there; null: it goes
 */

/**
 * @param {string} disk
 * @param {string} rootFileSystem goes into the last partition as it is
 */
export async function layDisk(disk, rootFileSystem) {
  const size = statSync(rootFileSystem).size;
  writeFileSync(disk, '');
  truncateSync(disk, ROOT_AT * MIB + Math.ceil(size / MIB) * MIB + MIB);
  const table = [
    'label: gpt',
    `start=${CORE_AT}MiB, size=${ESP_AT - CORE_AT}MiB, type=21686148-6449-6E6F-744E-656564454649`,
    `start=${ESP_AT}MiB, size=${ROOT_AT - ESP_AT}MiB, type=U`,
    `start=${ROOT_AT}MiB, size=${Math.ceil(size / MIB)}MiB, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709`,
  ];
  await runPart('sbin/sfdisk', ['-q', disk], { input: `${table.join('\n')}\n` });
  const sectors = String(((ROOT_AT - ESP_AT) * MIB) / 512);
  const serial = ESP_UUID.replace('-', '');
  await runPart('usr/bin/mformat', ['-i', esp(disk), '-F', '-T', sectors, '-h', '64', '-s', '32', '-N', serial, '::']);
  await run('dd', [
    ...[`if=${rootFileSystem}`, `of=${disk}`, 'bs=1M', `seek=${ROOT_AT}`],
    ...['conv=notrunc,sparse', 'status=none'],
  ]);
}

/**
 * Adds a partition behind the root, for /boot; the EFI partition is mounted below it.
 * @param {string} disk
 */
export async function addBootPartition(disk) {
  const start = statSync(disk).size / MIB;
  // The table's copy is at the disk's end.
  truncateSync(disk, (start + BOOT_MIB + 1) * MIB);
  await runPart('sbin/sfdisk', ['-q', '--relocate', 'gpt-bak-std', disk]);
  await runPart('sbin/sfdisk', ['-q', '--append', disk], {
    input: `start=${start}MiB, size=${BOOT_MIB}MiB, type=BC13C2FF-59E6-4262-A352-B275FD6F7172\n`,
  });
  const work = mkdtempSync(join(tmpdir(), 'bellwether-boot-'));
  try {
    const file = join(work, 'boot');
    await run('mkfs.ext4', ['-q', '-U', BOOT_UUID, file, `${BOOT_MIB}M`]);
    await run('dd', [`if=${file}`, `of=${disk}`, 'bs=1M', `seek=${start}`, 'conv=notrunc,sparse', 'status=none']);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  await debugfs(bootIn(disk), ['mkdir /efi']);
}

/**
 * Applies changes to the files of a host whose EFI partition is mounted at `espAt`.
 * @param {string} disk
 * @param {Pick<import('./bases.mjs').LoaderBase, 'espAt' | 'ownBoot'>} base
 * @param {readonly Change[]} changes
 */
export async function changeDisk(disk, { espAt, ownBoot = false }, changes) {
  const work = mkdtempSync(join(tmpdir(), 'bellwether-disk-'));
  try {
    for (const [index, { path, content }] of changes.entries()) {
      const file = join(work, String(index));
      if (content !== null) writeFileSync(file, content);
      const by = content === null ? null : file;
      if (path.startsWith(`${espAt}/`)) await changeEsp(disk, path.slice(espAt.length), by);
      else if (ownBoot && path.startsWith('/boot/')) await changeExt4(bootIn(disk), path.slice('/boot'.length), by);
      else await changeExt4(root(disk), path, by);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** @param {string} disk */
const esp = (disk) => `${disk}@@${ESP_AT}M`;

/** @param {string} path @returns {string[]} the outermost first */
function foldersOf(path) {
  const folder = dirname(path);
  return folder === '/' ? [] : [...foldersOf(folder), folder];
}

/**
 * @param {string} disk
 * @param {string} path from the partition's top
 * @param {string | null} file
 */
async function changeEsp(disk, path, file) {
  if (file === null) {
    await runPart('usr/bin/mdel', ['-i', esp(disk), `::${path}`]);
    return;
  }
  for (const folder of foldersOf(path))
    await runPart('usr/bin/mdir', ['-i', esp(disk), '-b', `::${folder}`]).catch(() =>
      runPart('usr/bin/mmd', ['-i', esp(disk), `::${folder}`]),
    );
  await runPart('usr/bin/mcopy', ['-o', '-i', esp(disk), file, `::${path}`]);
}

/**
 * @param {string} device as debugfs is told it
 * @param {string} path from the file system's top
 * @param {string | null} file
 */
async function changeExt4(device, path, file) {
  const before = file === null ? [] : foldersOf(path).map((folder) => `mkdir ${folder}`);
  await debugfs(device, [...before, `rm ${path}`, ...(file === null ? [] : [`write ${file} ${path}`])]);
  const there = await run('debugfs', ['-R', `stat ${path}`, device]);
  if (/^Inode:/m.test(there) !== (file !== null)) throw new Error(`${path} was not changed:\n${there}`);
}

/** @param {string} disk */
const root = (disk) => `${disk}?offset=${ROOT_AT * MIB}`;

/** The last partition, before the table's copy. @param {string} disk */
const bootIn = (disk) => `${disk}?offset=${statSync(disk).size - (BOOT_MIB + 1) * MIB}`;

/**
 * @param {string} disk
 * @param {readonly string[]} requests
 */
export const editRoot = (disk, requests) => debugfs(root(disk), requests);

/**
 * What debugfs is told, one request a line; it says what it could not do and goes on.
 * @param {string} device
 * @param {readonly string[]} requests
 */
function debugfs(device, requests) {
  return run('debugfs', ['-w', '-f', '-', device], { input: `${requests.join('\n')}\n` });
}
