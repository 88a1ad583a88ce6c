// @ts-check
// The sound hosts that cases are made from: a kernel, an image that boots, a disk, and what the guest itself captured
// with `bellwether inspect --capture` when it had booted. Cached outside the tree.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUNDLE } from '../setup/build.mjs';
import { cachePath } from '../setup/cache.mjs';
import { chrootKernel, chrootPath } from '../setup/chroots.mjs';
import { run } from '../setup/command.mjs';
import { kernels } from '../setup/kernels.mjs';
import { whyNoOverlay, withOverlay } from '../setup/overlay.mjs';
import { ARRIVED, bootOnce } from './oracle.mjs';

/** @typedef {import('../setup/overlay.mjs').OverlayHost} OverlayHost */
/** @typedef {import('./oracle.mjs').BUSES} BUSES */

const SYSTEMD = 'systemd systemd-initrd dracut-systemd udev-rules rootfs-block kernel-modules base fs-lib shutdown';
const PLAIN = 'udev-rules rootfs-block kernel-modules base fs-lib shutdown';
const DRIVERS =
  'virtio_blk virtio_pci virtio_scsi sd_mod ahci nvme usb_storage uas xhci_pci ext4 crc32c_generic crc32c_intel';

/** @param {string} modules */
const dracut = (modules) => (/** @type {string} */ kernel, /** @type {string} */ out) =>
  `dracut --force --quiet --reproducible --no-hostonly --no-early-microcode --no-compress --kver ${kernel} --modules '${modules}' --drivers '${DRIVERS}' ${out}`;

/** `release` null: this machine's own Debian. */
export const BASES = /** @type {const} */ ({
  'dracut-059-systemd': { release: null, build: dracut(`${SYSTEMD} usrmount`) },
  'dracut-059': { release: null, build: dracut(`${PLAIN} usrmount`) },
  'dracut-106-systemd': { release: 'trixie', build: dracut(SYSTEMD) },
  'initramfs-tools-0.142': {
    release: null,
    build: (/** @type {string} */ kernel, /** @type {string} */ out) =>
      `apt-get -qq -o APT::Sandbox::User=root -o Dpkg::Use-Pty=0 install -y --no-install-recommends initramfs-tools-core >&2
       mkdir -p /tmp/conf && cp -r /etc/initramfs-tools/. /tmp/conf/
       sed -i 's/^MODULES=.*/MODULES=list/' /tmp/conf/initramfs.conf && printf '%s\\n' ${DRIVERS} > /tmp/conf/modules
       mkinitramfs -d /tmp/conf -o /tmp/packed ${kernel}
       { gzip -dc /tmp/packed || zstd -dc /tmp/packed || cat /tmp/packed; } 2>/dev/null > ${out}`,
  },
});

/** @typedef {keyof typeof BASES} BaseName */
/** @typedef {{name: BaseName, kernel: string, vmlinuz: string, image: string, disk: string, root: string}} Base */

export const ROOT_UUID = '5e11be11-0000-4000-8000-0be11be11be1';
export const ROOT = `root=UUID=${ROOT_UUID} rw`;

/** The one program of the guest: says that it was reached, and in a guest that is captured, captures it. */
const GUEST_INIT = `#!/bin/busybox sh
export PATH=/bin:/sbin:/usr/bin:/usr/sbin:/busybox
/bin/busybox --install -s /busybox
echo "${ARRIVED} $(uname -r)" > /dev/console
case $(cat /proc/cmdline) in *lab.capture*)
  mount -t tmpfs tmp /tmp
  /opt/node /opt/bellwether.cjs inspect --capture /tmp/facts.tar --no-images > /dev/console 2>&1
  gzip -9 /tmp/facts.tar
  { echo BEGIN FACTS; base64 /tmp/facts.tar.gz; echo END FACTS; } > /dev/console
esac
sync
echo o > /proc/sysrq-trigger
sleep 20
`;

const GRUB = (/** @type {string} */ kernel) => `set default=0
menuentry 'Lab' { linux /boot/vmlinuz-${kernel} ${ROOT}
 initrd /boot/initrd.img-${kernel} }
`;

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
  const { release, build } = BASES[name];
  const parts = [GUEST_INIT, build('K', 'OUT'), versions, release, kernels().cloud.version];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/**
 * Builds the image and the disk, boots it, and keeps what the guest captured of itself.
 * @param {BaseName} name
 */
export async function make(name) {
  const { release, build } = BASES[name];
  const at = folder(name);
  const work = `${at}.part`;
  rmSync(at, { recursive: true, force: true });
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const kernel = release === null ? kernels().cloud.version : chrootKernel(release);
  if (kernel === null) throw new Error(`${String(release)} has no kernel`);
  await withOverlay(
    async (host) => {
      if (release === null) {
        const { dir } = kernels().cloud;
        await host.sh(
          `mkdir -p /boot /lib/modules && cp ${dir}/boot/* /boot/ && cp -r ${dir}/lib/modules/${kernel} /lib/modules/`,
        );
      }
      await host.sh(build(kernel, '/boot/image'), { timeout: 900_000, env: { DEBIAN_FRONTEND: 'noninteractive' } });
      await layGuest(host, kernel);
      for (const [inside, kept] of [
        ['/boot/image', 'image'],
        [`/boot/vmlinuz-${kernel}`, 'vmlinuz'],
        ['/tmp/disk', 'disk'],
      ])
        await copyFile(host.path(/** @type {string} */ (inside)), join(work, /** @type {string} */ (kept)));
    },
    release === null ? '/' : chrootPath(release),
  );
  writeFileSync(join(work, 'kernel'), `${kernel}\n`);
  await capture(work);
  renameSync(work, at);
}

/**
 * A root that holds what a host's does as far as a boot and a check read it, as an ext4 image without a partition table.
 * @param {OverlayHost} host
 * @param {string} kernel
 */
async function layGuest(host, kernel) {
  await host.sh('cat > /tmp/init', { input: GUEST_INIT });
  await host.sh('cat > /tmp/grub.cfg', { input: GRUB(kernel) });
  await copyFile('/bin/busybox', host.path('/tmp/busybox'));
  await host.sh(
    `cd /tmp && mkdir guest && cd guest
     mkdir -p bin sbin busybox usr/bin usr/sbin usr/lib/modules boot/grub etc dev proc sys run tmp opt lib64 lib/x86_64-linux-gnu
     cp ../busybox bin/busybox && ln -s busybox bin/sh && install -m 755 ../init sbin/init
     cp -r /lib/modules/${kernel} usr/lib/modules/ && ln -s ../usr/lib/modules lib/modules
     cp /boot/vmlinuz-${kernel} boot/ && cp /boot/config-${kernel} boot/ 2>/dev/null || cp /usr/lib/modules/${kernel}/config boot/config-${kernel}
     cp /boot/image boot/initrd.img-${kernel} && cp ../grub.cfg boot/grub/grub.cfg
     printf 'ID=lab\\nVERSION_ID=1\\nNAME=Lab\\n' > etc/os-release && printf '0be11be110be11be110be11be110be11\\n' > etc/machine-id
     printf 'UUID=${ROOT_UUID} / ext4 defaults 0 1\\n' > etc/fstab
     cp ${process.execPath} opt/node && strip opt/node 2>/dev/null || true
     cp ${BUNDLE} opt/bellwether.cjs
     ldd ${process.execPath} | sed -n 's/.*=> \\(\\/[^ ]*\\).*/\\1/p; s/^\\s*\\(\\/lib64[^ ]*\\).*/\\1/p' | while read -r library; do cp -L "$library" "./$library" 2>/dev/null || install -D "$library" "./$library"; done
     du -sm . | cut -f1 > ../size`,
    { timeout: 300_000 },
  );
  await host.sh(
    `cd /tmp && mkfs.ext4 -q -U ${ROOT_UUID} -L labroot -d guest disk "$(( $(cat size) * 5 / 4 + 64 ))M" 2>&1`,
    { timeout: 300_000 },
  );
}

/** @param {string} work */
async function capture(work) {
  /** @type {string[]} */
  const console_ = [];
  const machine = {
    kernel: join(work, 'vmlinuz'),
    image: join(work, 'image'),
    disk: join(work, 'disk'),
    append: `${ROOT} lab.capture`,
    bus: /** @type {const} */ ('virtio-blk'),
  };
  await bootOnce(machine, 1800, { onLine: (line) => console_.push(line) });
  const [from, to] = ['BEGIN FACTS', 'END FACTS'].map((mark) => console_.findIndex((line) => line.includes(mark)));
  if (from === undefined || to === undefined || from === -1 || to === -1)
    throw new Error(`the guest captured nothing:\n${console_.slice(-40).join('\n')}`);
  writeFileSync(join(work, 'facts.tar.gz'), Buffer.from(console_.slice(from + 1, to).join(''), 'base64'));
  mkdirSync(join(work, 'root'));
  await run('tar', ['-xzf', join(work, 'facts.tar.gz'), '-C', join(work, 'root')]);
  if (readdirSync(join(work, 'root')).length === 0) throw new Error('the guest captured an empty root');
}
