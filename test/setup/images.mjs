// @ts-check
// Real images, by a real dracut (and initramfs-tools) in a throwaway overlay of this machine.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { cachePath } from './cache.mjs';
import { run } from './command.mjs';
import { kernels } from './kernels.mjs';
import { withOverlay } from './overlay.mjs';

/** @typedef {import('./overlay.mjs').OverlayHost} OverlayHost */

/**
 * A depmod that indexes nothing and exits 0, as one does that cannot read the modules: it runs the real one on a
 * tree of the same kernel without a single module, and leaves those indexes.
 */
export const BLIND_DEPMOD = `#!/bin/bash
base= kernel=
while [ $# -gt 0 ]; do
  case $1 in -b|--basedir) base=$2; shift;; [0-9]*) kernel=$1;; esac
  shift
done
: "\${kernel:=$(uname -r)}"
bare=$(mktemp -d) real=$base/lib/modules/$kernel
mkdir -p "$bare/lib/modules/$kernel"
cp "$real"/modules.{order,builtin,builtin.modinfo} "$bare/lib/modules/$kernel/" 2>/dev/null
(exec -a depmod /bin/kmod -b "$bare" "$kernel")
cp "$bare/lib/modules/$kernel"/modules.* "$real/"
rm -r "$bare"
`;

/** What a small image is made of: enough to mount ext4 on LVM on a virtio disk, and quick to build. */
export const SMALL = {
  modules: 'base dm lvm kernel-modules rootfs-block udev-rules fs-lib shutdown',
  drivers: 'virtio_blk virtio_pci virtio_scsi virtio_net dm_mod ext4 xfs sd_mod ahci',
};

/** dracut's own option lists for the two sizes of image. */
const SIZES = {
  generic: [],
  small: ['--modules', SMALL.modules, '--drivers', SMALL.drivers],
};

/** dracut 059's own command line for each compression (its `case $compress`); for lz4 that is the legacy frame. */
const COMPRESS = {
  zstd: 'zstd -15 -q -T0',
  xz: 'xz --check=crc32 --lzma2=dict=1MiB -T0',
  lz4: 'lz4 -l -9',
};

/**
 * Lays a cached kernel where an installed one would be.
 * @param {OverlayHost} host
 * @param {{version: string, dir: string}} kernel
 */
export async function layKernel(host, { version, dir }) {
  await host.sh(
    `mkdir -p /boot /lib/modules && cp ${dir}/boot/* /boot/ && cp -r ${dir}/lib/modules/${version} /lib/modules/`,
  );
}

/**
 * Has the host's own dracut build an image.
 * @param {OverlayHost} host
 * @param {string} kernel
 * @param {string} out a path inside the host
 * @param {readonly string[]} [options]
 */
export async function dracut(host, kernel, out, options = []) {
  await host.run('/usr/bin/dracut', ['--force', '--no-hostonly', '--quiet', ...options, '--kver', kernel, out], {
    timeout: 900_000,
  });
}

/**
 * Lays the blind depmod over the host's own.
 * @param {OverlayHost} host
 */
export async function blindDepmod(host) {
  await host.sh('rm -f /usr/sbin/depmod && cat > /usr/sbin/depmod && chmod 755 /usr/sbin/depmod', {
    input: BLIND_DEPMOD,
  });
}

/** Every image here is one of these, `NAME.img` in the cache. */
export const IMAGES = /** @type {const} */ ([
  'generic-gzip',
  'generic-zstd',
  'generic-xz',
  'generic-lz4',
  'generic-odd',
  'small',
  'small-plain',
  'small-odd',
  'initramfs-tools',
]);

/**
 * Where an image lies.
 * @param {(typeof IMAGES)[number]} name
 */
export function imagePath(name) {
  return cachePath('images', `${name}.img`);
}

/** Made anew when the kernel, the generator or what it is asked for changes. */
export async function recipe() {
  const versions = await run('dpkg-query', ['-W', 'dracut-core', 'kmod', 'systemd', 'lvm2']);
  const text = JSON.stringify([SIZES, COMPRESS, BLIND_DEPMOD, kernels().generic.version, versions]);
  return createHash('sha256').update(text).digest('hex');
}

export function isDone() {
  return IMAGES.every((name) => existsSync(imagePath(name)));
}

export async function make() {
  mkdirSync(cachePath('images'), { recursive: true });
  // Two hosts side by side: a sound one, and its twin whose depmod indexes nothing.
  await Promise.all([buildSound(), buildOdd()]);
}

async function buildSound() {
  await withOverlay(async (host) => {
    const kernel = kernels().generic;
    await layKernel(host, kernel);
    await dracut(host, kernel.version, '/boot/small-plain', ['--no-compress', ...SIZES.small]);
    await keep(host, '/boot/small-plain', 'small-plain');
    await dracut(host, kernel.version, '/boot/small', ['--gzip', ...SIZES.small]);
    await keep(host, '/boot/small', 'small');
    await dracut(host, kernel.version, '/boot/generic', ['--gzip', ...SIZES.generic]);
    await keep(host, '/boot/generic', 'generic-gzip');
    for (const [name, command] of Object.entries(COMPRESS)) {
      await host.sh(`gzip -dc /boot/generic | ${command} > /boot/${name}`, { timeout: 900_000 });
      await keep(host, `/boot/${name}`, /** @type {(typeof IMAGES)[number]} */ (`generic-${name}`));
    }
  });
}

async function buildOdd() {
  await withOverlay(async (host) => {
    const kernel = kernels().generic;
    await layKernel(host, kernel);
    await initramfsTools(host, kernel.version, '/boot/initramfs-tools');
    await keep(host, '/boot/initramfs-tools', 'initramfs-tools');
    await blindDepmod(host);
    for (const size of /** @type {const} */ (['small', 'generic'])) {
      await dracut(host, kernel.version, `/boot/${size}`, ['--gzip', ...SIZES[size]]);
      await keep(host, `/boot/${size}`, `${size}-odd`);
    }
  });
}

/**
 * Has Debian's other generator, installed in the overlay alone, build an image.
 * @param {OverlayHost} host
 * @param {string} kernel
 * @param {string} out a path inside the host
 */
async function initramfsTools(host, kernel, out) {
  const apt = 'apt-get -qq -o APT::Sandbox::User=root -o Dpkg::Use-Pty=0';
  await host.sh(`${apt} install -y --no-install-recommends initramfs-tools-core`, {
    timeout: 300_000,
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
  await host.run('/usr/sbin/mkinitramfs', ['-o', out, kernel], { timeout: 600_000 });
}

/**
 * Copies an image out of the host before the host goes.
 * @param {OverlayHost} host
 * @param {string} inside
 * @param {(typeof IMAGES)[number]} name
 */
async function keep(host, inside, name) {
  await copyFile(host.path(inside), `${imagePath(name)}.part`);
  renameSync(`${imagePath(name)}.part`, imagePath(name));
}
