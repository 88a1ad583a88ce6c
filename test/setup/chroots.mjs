// @ts-check
// Debian releases as folders in the cache: real tools, mostly in versions that this machine does not have.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ownMirror } from './apt-sources.mjs';
import { cachePath } from './cache.mjs';
import { runOnline } from './command.mjs';
import { whyNoOverlay } from './overlay.mjs';

/** What dracut needs to build an image of ext4 on LVM, whatever its version. */
const DRACUT = ['dracut-core', 'kmod', 'cpio', 'e2fsprogs', 'lvm2', 'dmsetup', 'systemd', 'udev', 'util-linux'];
const COMPRESSORS = ['bzip2', 'lz4', 'xz-utils', 'zstd'];

/**
 * Each release, what is installed there, and the package of the kernel that is unpacked (never installed: its scripts
 * would build an image).
 */
export const CHROOTS = /** @type {const} */ ({
  // dracut 112, dnf 5, zypper
  forky: {
    packages: [...DRACUT, ...COMPRESSORS, 'createrepo-c', 'dnf5', 'rpm', 'zypper'],
    kernel: null,
  },
  // dracut 106, dnf 4.23, a kernel whose modules are compressed
  trixie: {
    packages: [...DRACUT, ...COMPRESSORS, 'createrepo-c', 'dnf', 'dnf-plugins-core', 'rpm'],
    kernel: 'linux-image-cloud-amd64',
  },
  // dracut 059 and GRUB for BIOS: the guest that mends itself. Its kernel is installed there, for it to own its image.
  bookworm: {
    packages: [...DRACUT, 'dracut', 'grub-common', 'grub-pc-bin'],
    kernel: null,
  },
  // dracut 051, a kernel of the 5.10 series
  bullseye: {
    packages: [...DRACUT, ...COMPRESSORS],
    kernel: 'linux-image-cloud-amd64',
  },
});

/** @typedef {keyof typeof CHROOTS} Release */

/** @param {Release} release */
export const chrootPath = (release) => cachePath('chroots', release);

/**
 * The kernel that lies in a release's folder, as `uname -r` would print it; null where it has none.
 * @param {Release} release
 */
export function chrootKernel(release) {
  const modules = join(chrootPath(release), 'usr/lib/modules');
  return existsSync(modules) ? (readdirSync(modules)[0] ?? null) : null;
}

/** @param {Release} release */
export const recipe = (release) => JSON.stringify(CHROOTS[release]);

/** @param {Release} release */
export const isDone = (release) => existsSync(chrootPath(release));

export const whyNot = whyNoOverlay;

/** @param {Release} release */
export async function make(release) {
  const mirror = ownMirror();
  if (mirror === null) throw new Error('no Debian mirror among the sources of apt');
  const { packages, kernel } = CHROOTS[release];
  mkdirSync(cachePath('chroots'), { recursive: true });
  const work = mkdtempSync(cachePath('chroots', `${release}.part-`));
  try {
    await runOnline('debootstrap', [
      '--variant=minbase',
      `--include=${packages.join(',')}`,
      ...(mirror.trusted ? ['--no-check-gpg'] : []),
      release,
      work,
      mirror.uri,
      '/usr/share/debootstrap/scripts/sid', // an older debootstrap does not know the release by name
    ]);
    if (kernel !== null) await unpackKernel(work, kernel);
    for (const left of ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man'])
      rmSync(join(work, left), { recursive: true, force: true });
    chmodSync(work, 0o755);
    rmSync(chrootPath(release), { recursive: true, force: true });
    renameSync(work, chrootPath(release));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * @param {string} root
 * @param {string} metapackage
 */
async function unpackKernel(root, metapackage) {
  await runOnline('chroot', [root, '/bin/sh', '-c', kernelScript(metapackage)], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
}

/**
 * Shell that unpacks the kernel of a metapackage into the system that it runs in, as root and online.
 * @param {string} metapackage
 */
export const kernelScript = (metapackage) => `
    set -eu
    apt='apt-get -qq -o APT::Sandbox::User=root -o Acquire::Check-Valid-Until=false -o Acquire::Check-Date=false'
    $apt update
    image=$(apt-cache depends --important ${metapackage} | sed -n 's/.*Depends: \\(linux-image-[0-9].*\\)/\\1/p')
    version=\${image#linux-image-}
    # From Linux 7 on, Debian's image package is empty and depends on its parts.
    parts=$(apt-cache depends --important "$image" | sed -n "s/.*Depends: \\(linux-[a-z]*-$version\\)\$/\\1/p")
    cd "$(mktemp -d)"
    $apt download "$image" $parts
    mkdir tree && for deb in ./*.deb; do dpkg-deb -x "$deb" tree; done
    # Newer packages own paths below usr alone, older ones below lib, which is a link to it.
    [ ! -d tree/lib ] || cp -a tree/lib/. /usr/lib/
    cp -a tree/usr/lib/. /usr/lib/ 2>/dev/null || true
    [ ! -d tree/boot ] || cp -a tree/boot/. /boot/
    [ -e "/boot/vmlinuz-$version" ] || cp "/usr/lib/modules/$version/vmlinuz" "/boot/vmlinuz-$version"
    depmod "$version"
    rm -r "$PWD"
  `;
