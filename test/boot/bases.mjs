// @ts-check
// The sound hosts that cases are made from: a kernel, an image that boots, a disk, and what the guest itself captured
// with `bellwether inspect --capture` when it had booted. Cached outside the tree.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachePath } from '../setup/cache.mjs';
import { run } from '../setup/command.mjs';
import { kernels } from '../setup/kernels.mjs';
import { whyNoOverlay, withOverlay } from '../setup/overlay.mjs';
import { layKernel, rootOf } from './build-host.mjs';
import { capture } from './capture.mjs';
import { GUEST_INIT, fillRoot } from './guest.mjs';
import { ext4 } from './guests/file-systems.mjs';
import { asOneArchive, modulesList } from './modules-list.mjs';

/** @typedef {import('./oracle.mjs').BUSES} BUSES */

const SYSTEMD = 'systemd systemd-initrd dracut-systemd udev-rules rootfs-block kernel-modules base fs-lib shutdown';
const PLAIN = 'udev-rules rootfs-block kernel-modules base fs-lib shutdown';
const DRIVERS =
  'virtio_blk virtio_pci virtio_scsi sd_mod ahci nvme usb_storage uas xhci_pci ext4 crc32c_generic crc32c_intel';

/** @param {string} modules */
const dracut = (modules) => (/** @type {string} */ kernel, /** @type {string} */ out) =>
  `dracut --force --quiet --reproducible --no-hostonly --no-early-microcode --no-compress --kver ${kernel} --modules '${modules}' --drivers '${DRIVERS}' ${out}`;

const LONG = { timeout: 900_000, env: { DEBIAN_FRONTEND: 'noninteractive' } };
const APT = 'apt-get -qq -o APT::Sandbox::User=root -o Dpkg::Use-Pty=0';

/**
 * @typedef {object} Recipe
 * @property {import('../setup/chroots.mjs').Release | null} release null: this machine's own Debian
 * @property {string} [metapackage] of the kernel, where the release's folder holds none
 * @property {(kernel: string, out: string) => string} build shell that leaves one plain archive at `out`
 */

/** @satisfies {Record<string, Recipe>} */
export const BASES = {
  'dracut-059-systemd': { release: null, build: dracut(`${SYSTEMD} usrmount`) },
  'dracut-059': { release: null, build: dracut(`${PLAIN} usrmount`) },
  'dracut-106-systemd': { release: 'trixie', build: dracut(SYSTEMD) },
  'initramfs-tools-0.142': {
    release: null,
    build: (/** @type {string} */ kernel, /** @type {string} */ out) =>
      `${APT} install -y --no-install-recommends initramfs-tools-core >&2
       ${modulesList(DRIVERS)}
       mkinitramfs -d /tmp/conf -o /tmp/packed ${kernel}
       { gzip -dc /tmp/packed || zstd -dc /tmp/packed || cat /tmp/packed; } 2>/dev/null > ${out}`,
  },
  // It packs the image as two archives, of which the first holds the modules and the second is packed.
  'initramfs-tools-0.148': {
    release: 'trixie',
    build: (/** @type {string} */ kernel, /** @type {string} */ out) =>
      `${APT} -o Acquire::Check-Valid-Until=false -o Acquire::Check-Date=false update >&2
       ${APT} install -y --no-install-recommends initramfs-tools-core busybox >&2
       ${modulesList(DRIVERS)}
       mkinitramfs -d /tmp/conf -o /tmp/packed ${kernel}
       ${asOneArchive(out)}`,
  },
  'dracut-051-systemd': { release: 'bullseye', build: dracut(`${SYSTEMD} usrmount`) },
  'dracut-112-systemd': { release: 'forky', metapackage: 'linux-image-cloud-amd64', build: dracut(SYSTEMD) },
};

/** @typedef {keyof typeof BASES} BaseName */
/** @typedef {{name: BaseName, kernel: string, vmlinuz: string, image: string, disk: string, root: string}} Base */

export const ROOT_UUID = '5e11be11-0000-4000-8000-0be11be11be1';
export const ROOT = `root=UUID=${ROOT_UUID} rw`;

/** What of a disk takes part in a boot. */
export const DISK_RECIPE = JSON.stringify([ROOT_UUID, 'ext4', GUEST_INIT]);

/** @param {BaseName} name */
const folder = (name) => cachePath('boot', name);

/** @param {BaseName} name @returns {Base} */
export function base(name) {
  const at = folder(name);
  const kernel = readFileSync(join(at, 'kernel'), 'utf8').trim();
  return {
    name,
    kernel,
    vmlinuz: join(at, 'vmlinuz'),
    image: join(at, 'image'),
    disk: join(at, 'disk'),
    root: join(at, 'root'),
  };
}

/** @param {BaseName} name */
export const isDone = (name) => existsSync(join(folder(name), 'root'));

export const whyNot = () => (process.arch === 'x64' ? whyNoOverlay() : 'the guests are x86-64');

/**
 * The set-up steps of the system that a base is built in.
 * @param {BaseName} name
 */
export function chrootsOf(name) {
  const { release } = BASES[name];
  return release === null ? [] : [`chroot-${release}`];
}

/** @param {BaseName} name */
export async function recipe(name) {
  const versions = await run('dpkg-query', ['-W', 'dracut-core', 'kmod', 'systemd']);
  /** @type {Recipe} */
  const { release, metapackage, build } = BASES[name];
  const parts = [GUEST_INIT, build('K', 'OUT'), versions, release, kernels().cloud.version];
  if (metapackage !== undefined) parts.push(metapackage);
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/**
 * Builds the image and the disk, boots it, and keeps what the guest captured of itself.
 * @param {BaseName} name
 */
export async function make(name) {
  /** @type {Recipe} */
  const { release, build } = BASES[name];
  const at = folder(name);
  const work = `${at}.part`;
  rmSync(at, { recursive: true, force: true });
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  await withOverlay(async (host) => {
    const kernel = await layKernel(host, BASES[name]);
    writeFileSync(join(work, 'kernel'), `${kernel}\n`);
    await host.sh(build(kernel, '/boot/image'), LONG);
    const fstab = `UUID=${ROOT_UUID} / ext4 defaults 0 1\n`;
    await fillRoot(host, { kernel, commandLine: ROOT, files: { '/etc/fstab': fstab } });
    await host.sh(`cd /tmp && ${ext4(ROOT_UUID, '/tmp/disk')}`, { timeout: 300_000 });
    for (const [inside, kept] of [
      ['/boot/image', 'image'],
      [`/boot/vmlinuz-${kernel}`, 'vmlinuz'],
      ['/tmp/disk', 'disk'],
    ])
      await copyFile(host.path(/** @type {string} */ (inside)), join(work, /** @type {string} */ (kept)));
  }, rootOf(release));
  const kept = { kernel: join(work, 'vmlinuz'), image: join(work, 'image'), disk: join(work, 'disk') };
  await capture({ ...kept, append: ROOT, bus: 'virtio-blk' }, work);
  renameSync(work, at);
}
