// @ts-check
// Builds the disk that a guest mends itself on, and images that cannot boot it, each by the generator. Cached outside the
// tree.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  statSync,
} from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachePath } from '../../setup/cache.mjs';
import { CHROOTS, chrootPath } from '../../setup/chroots.mjs';
import { run } from '../../setup/command.mjs';
import { BLIND_DEPMOD } from '../../setup/images.mjs';
import { withOverlay } from '../../setup/overlay.mjs';
import { embedGrub } from './grub.mjs';
import { INIT, MEND_INIT, OFFERED, SOURCES, dracutConfiguration, driverlessConfiguration, menuOf } from './guest.mjs';
import { LAYOUTS } from './layouts.mjs';

/** @typedef {import('../../setup/overlay.mjs').OverlayHost} OverlayHost */
/** @typedef {import('./layouts.mjs').LayoutName} LayoutName */
/** @typedef {import('./layouts.mjs').Layout} Layout */
/** @typedef {{kernel: string, disk: string, sound: string, odd: string, driverless: string, index: string}} MendBase */

const MIB = 1 << 20;
const SECTOR = 512;
const LONG = { timeout: 1_800_000, env: { DEBIAN_FRONTEND: 'noninteractive' } };
const APT =
  'apt-get -qq -o APT::Sandbox::User=root -o Acquire::Check-Valid-Until=false -o Acquire::Check-Date=false -o Dpkg::Use-Pty=0';

/** @param {LayoutName} name */
const folder = (name) => cachePath('boot', `mend-${name}`);

/** @param {LayoutName} name @returns {MendBase} */
export function mendBase(name) {
  const at = (/** @type {string} */ file) => join(folder(name), file);
  const kernel = readFileSync(at('kernel'), 'utf8').trim();
  return {
    kernel,
    disk: at('disk'),
    sound: at('sound'),
    odd: at('odd'),
    driverless: at('driverless'),
    index: at('index'),
  };
}

/** @param {LayoutName} name */
export const isDone = (name) => existsSync(folder(name));

/** @param {LayoutName} name */
export function recipe(name) {
  /** @type {Layout} */
  const layout = LAYOUTS[name];
  const scripts = [INSTALL, BUILD, LAY, SOURCES, MEND_INIT, BLIND_DEPMOD, menuOf(layout, 'K'), CORE(layout)];
  const parts = [
    ...scripts,
    layout,
    dracutConfiguration(layout),
    driverlessConfiguration(layout),
    CHROOTS.bookworm,
    OFFERED,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** The kernel's own package has dracut build the image, which without systemd-sysv cannot power off. */
const INSTALL = `
  ${APT} update >&2
  ${APT} install -y --no-install-recommends linux-image-cloud-amd64 systemd-sysv >&2
  mkdir -p /opt/packages && cd /opt/packages
  ${APT} download ${OFFERED.join(' ')}
  for deb in *.deb; do
    dpkg-deb -f $deb
    printf 'Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n' $deb $(stat -c %s $deb) $(sha256sum $deb | cut -d' ' -f1)
  done > Packages
  rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/* /var/cache/apt/*.bin
  cp /tmp/sources.list /etc/apt/sources.list
  ${APT} update >&2
  ${APT} clean
  ls /lib/modules`;

/** The odd one: what dracut makes while depmod indexes nothing, and exits 0. */
const BUILD = `
  kernel=$(ls /lib/modules)
  cp /boot/initrd.img-$kernel /boot/initrd-rescue.img
  cp /boot/initrd.img-$kernel /tmp/sound
  cp /etc/dracut.conf.d/lab.conf /tmp/lab.conf && cp /tmp/driverless.conf /etc/dracut.conf.d/lab.conf
  dracut --force --quiet --kver $kernel /tmp/driverless
  cp /tmp/lab.conf /etc/dracut.conf.d/lab.conf
  mkdir /tmp/kept && cp /lib/modules/$kernel/modules.* /tmp/kept/
  mv /usr/sbin/depmod /tmp/depmod && install -m 755 /tmp/blind /usr/sbin/depmod
  dracut --force --quiet --kver $kernel /tmp/odd
  depmod $kernel
  mkdir /tmp/index && cp /lib/modules/$kernel/modules.* /tmp/index/
  rm /usr/sbin/depmod && mv /tmp/depmod /usr/sbin/depmod
  cp /tmp/kept/* /lib/modules/$kernel/`;

/** The system's own folders alone: beside them the throwaway host shows some of this machine's. */
const LAY = `
  install -m 755 /tmp/init ${INIT}
  mkdir /tmp/guest && cp -ax /bin /boot /etc /lib* /opt /sbin /usr /var /tmp/guest/
  cd /tmp/guest && mkdir dev proc sys run root mnt && mkdir -m 1777 tmp
  rm -f usr/local/bin/* && install -m 755 /tmp/node usr/local/bin/node
  cp -r /usr/lib/grub/i386-pc /tmp/i386-pc
  du -sm . | cut -f1 > /tmp/size`;

/** @param {Layout} layout */
const CORE = ({ boot }) =>
  `grub-mkimage -O i386-pc -p '(hd0,msdos1)${boot}/grub' -o /tmp/core.img biosdisk part_msdos ext2 normal linux serial terminal configfile test ls`;

/** @param {LayoutName} name */
export async function make(name) {
  /** @type {Layout} */
  const layout = LAYOUTS[name];
  const work = `${folder(name)}.part`;
  rmSync(folder(name), { recursive: true, force: true });
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, 'index'), { recursive: true });
  await withOverlay(async (host) => {
    await layFiles(host, {
      '/etc/dracut.conf.d/lab.conf': dracutConfiguration(layout),
      '/etc/fstab': layout.fstab,
      '/etc/hostname': 'lab\n',
      '/etc/machine-id': '0be11be110be11be110be11be110be11\n',
      '/tmp/sources.list': SOURCES,
      '/tmp/init': MEND_INIT,
      '/tmp/blind': BLIND_DEPMOD,
      '/tmp/driverless.conf': driverlessConfiguration(layout),
    });
    const kernel = (await host.sh(INSTALL, LONG)).trim().split('\n').at(-1) ?? '';
    await host.sh(BUILD, LONG);
    await layFiles(host, { '/boot/grub/grub.cfg': menuOf(layout, kernel) });
    await copyFile(process.execPath, host.path('/tmp/node'));
    await run('strip', [host.path('/tmp/node')]).catch(() => undefined); // one that is stripped already
    await host.sh(LAY, LONG);
    await host.sh(layout.lay, LONG);
    await host.sh(CORE(layout));
    await assemble(host, layout, join(work, 'disk'));
    for (const kept of ['sound', 'odd', 'driverless']) await copyFile(host.path(`/tmp/${kept}`), join(work, kept));
    await run('cp', ['-r', `${host.path('/tmp/index')}/.`, join(work, 'index')]);
    writeFileSync(join(work, 'kernel'), `${kernel}\n`);
  }, chrootPath('bookworm'));
  renameSync(work, folder(name));
}

/**
 * @param {OverlayHost} host
 * @param {Readonly<Record<string, string>>} files
 */
async function layFiles(host, files) {
  for (const [path, content] of Object.entries(files))
    await host.sh('mkdir -p "${LAID%/*}"; cat > "$LAID"', { input: content, env: { LAID: path } });
}

/**
 * One disk of the partitions, behind the loader.
 * @param {OverlayHost} host
 * @param {Layout} layout
 * @param {string} disk
 */
async function assemble(host, { types }, disk) {
  writeFileSync(disk, '');
  let end = MIB;
  const partitions = [];
  for (const [at, type] of types.entries()) {
    const part = host.path(`/tmp/part${at + 1}`);
    const size = Math.ceil(statSync(part).size / MIB) * MIB;
    await run('dd', [
      ...[`if=${part}`, `of=${disk}`, 'bs=1M', `seek=${end / MIB}`],
      ...['conv=notrunc,sparse', 'status=none'],
    ]);
    partitions.push({ start: end / SECTOR, sectors: size / SECTOR, type });
    end += size;
  }
  truncateSync(disk, end);
  embedGrub(disk, host.path('/tmp/i386-pc/boot.img'), host.path('/tmp/core.img'), partitions);
}
