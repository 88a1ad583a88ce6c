// @ts-check
// Builds a stack's image and disks, boots it, and keeps what the guest captured of itself. Cached outside the tree.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cachePath } from '../setup/cache.mjs';
import * as chroots from '../setup/chroots.mjs';
import { run } from '../setup/command.mjs';
import { kernels } from '../setup/kernels.mjs';
import { withOverlay } from '../setup/overlay.mjs';
import { layKernel, rootOf } from './build-host.mjs';
import { capture } from './capture.mjs';
import { GUEST_INIT, fillRoot } from './guest.mjs';
import { asOneArchive, modulesList } from './modules-list.mjs';
import { STACKS } from './stack-bases.mjs';

/** @typedef {import('./stack-bases.mjs').StackName} StackName */
/** @typedef {import('./stack-bases.mjs').Stack} Stack */
/**
 * @typedef {{
 *   name: StackName, kernel: string, vmlinuz: string, image: string, disks: readonly string[], root: string,
 *   commandLine: string, bus: Stack['bus'], types: Stack['types'],
 * }} StackBase
 */

const PLAIN = 'udev-rules rootfs-block kernel-modules base fs-lib shutdown';
const SYSTEMD = 'systemd systemd-initrd dracut-systemd';
const DRACUT = 'dracut --force --quiet --reproducible';
/** Of every stack, so that each image also holds drivers that it does without. */
const DRIVERS =
  'virtio_blk virtio_pci virtio_scsi sd_mod ahci nvme usb_storage uas xhci_pci ext4 xfs btrfs crc32c_generic crc32c_intel';

/** @param {readonly string[]} packages */
const install = (packages) =>
  `apt-get -qq -o APT::Sandbox::User=root -o Dpkg::Use-Pty=0 install -y --no-install-recommends ${packages.join(' ')} >&2`;

/** @param {StackName} name */
const folder = (name) => cachePath('boot', name);

/** @param {StackName} name */
export const isDone = (name) => existsSync(join(folder(name), 'root'));

/** The folder of a release holds no lists of packages, and may be older than they may be. */
const UPDATE =
  'apt-get -qq -o APT::Sandbox::User=root -o Acquire::Check-Valid-Until=false -o Acquire::Check-Date=false update >&2\n';

/**
 * @param {Stack} stack
 * @param {string} kernel
 */
const imageScript = (stack, kernel) =>
  `${stack.release === undefined ? '' : UPDATE}${stack.generator === undefined ? dracutScript(stack, kernel) : initramfsToolsScript(stack, kernel)}`;

/**
 * The hooks of the packages go by the files of the system that they run on: `prepare` writes these.
 * @param {Stack} stack
 * @param {string} kernel
 */
const initramfsToolsScript = ({ release, packages, prepare = '' }, kernel) =>
  `${install(['initramfs-tools-core', ...(release === undefined ? [] : ['busybox']), ...packages])}
   ${prepare}
   ${modulesList(DRIVERS)}
   mkinitramfs -d /tmp/conf -o /tmp/packed ${kernel}
   ${release === undefined ? '{ gzip -dc /tmp/packed || zstd -dc /tmp/packed; } 2>/dev/null > /boot/image' : asOneArchive('/boot/image')}`;

/**
 * @param {Stack} stack
 * @param {string} kernel
 */
const dracutScript = (
  { release, modules, withoutSystemd = false, hostOnly = false, arguments: more = '', packages, prepare = '' },
  kernel,
) =>
  `${packages.length === 0 ? '' : install(packages)}
   ${prepare}
   ${DRACUT} ${
     hostOnly
       ? `--hostonly --no-compress --kver ${kernel} ${more} /boot/image`
       : `--no-hostonly --no-early-microcode --no-compress --kver ${kernel} \\
     --modules '${withoutSystemd ? '' : `${SYSTEMD} `}${PLAIN}${release === undefined ? ' usrmount' : ''} ${modules}' --drivers '${DRIVERS}' ${more} /boot/image`
   }`;

/**
 * The set-up steps of the system that a stack's image is built in.
 * @param {StackName} name
 */
export function chrootsOf(name) {
  /** @type {Stack} */
  const { release } = STACKS[name];
  return release === undefined ? [] : [`chroot-${release}`];
}

/** @param {StackName} name */
export async function recipe(name) {
  const versions = await run('dpkg-query', ['-W', 'dracut-core', 'kmod', 'systemd', 'lvm2']);
  /** @type {Stack} */
  const stack = STACKS[name];
  const layers = stack.layers.map((file) => readFileSync(new URL(`./guests/${file}`, import.meta.url), 'utf8'));
  const parts = [
    GUEST_INIT,
    stack,
    stack.lay.toString(),
    layers,
    imageScript(stack, 'K'),
    versions,
    stack.release === undefined ? kernels()[stack.kernel] : chroots.recipe(stack.release),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/**
 * What of a stack's disks takes part in a boot: no layout of theirs is another's.
 * @param {StackName} name
 */
export const diskRecipe = (name) => JSON.stringify([name, STACKS[name].files, STACKS[name].lay.toString(), GUEST_INIT]);

/**
 * @param {StackName} name
 * @returns {StackBase}
 */
export function stackBase(name) {
  return { name, ...filesIn(name, folder(name)) };
}

/**
 * @param {StackName} name
 * @param {string} at
 */
function filesIn(name, at) {
  /** @type {Stack} */
  const { disks, commandLine, bus, types } = STACKS[name];
  return {
    kernel: readFileSync(join(at, 'kernel'), 'utf8').trim(),
    vmlinuz: join(at, 'vmlinuz'),
    image: join(at, 'image'),
    disks: disks.map((disk) => join(at, basename(disk))),
    root: join(at, 'root'),
    commandLine,
    bus,
    types,
  };
}

/** @param {StackName} name */
export async function make(name) {
  /** @type {Stack} */
  const stack = STACKS[name];
  const work = `${folder(name)}.part`;
  rmSync(folder(name), { recursive: true, force: true });
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  await build(stack, work);
  const { vmlinuz, image, disks, commandLine, bus, types } = filesIn(name, work);
  await capture({ kernel: vmlinuz, image, disk: disks, append: commandLine, bus, types }, work);
  renameSync(work, folder(name));
}

/**
 * @param {Stack} stack
 * @param {string} work
 */
async function build(stack, work) {
  await withOverlay(async (host) => {
    const kernel = await layKernel(host, stack);
    writeFileSync(join(work, 'kernel'), `${kernel}\n`);
    await host.sh(imageScript(stack, kernel), { timeout: 900_000, env: { DEBIAN_FRONTEND: 'noninteractive' } });
    await fillRoot(host, { kernel, commandLine: stack.commandLine, files: stack.files });
    await stack.lay(host);
    for (const inside of ['/boot/image', ...stack.disks])
      await run('cp', ['-a', host.path(inside), join(work, basename(inside))]);
    await copyFile(host.path(`/boot/vmlinuz-${kernel}`), join(work, 'vmlinuz'));
  }, rootOf(stack.release));
}
