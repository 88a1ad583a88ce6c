// @ts-check
// Stacks with a layer between the disks and the file system: LVM, md, LUKS, and one on another.
import { run } from '../setup/command.mjs';
import { backingDevice } from './guests/bcache.mjs';
import { ext4 } from './guests/file-systems.mjs';
import { encryptPayload, luksHeader } from './guests/luks.mjs';
import { mirroredVolume } from './guests/lvm-raid.mjs';
import { thinVolume } from './guests/lvm-thin.mjs';
import { linearVolume } from './guests/lvm.mjs';
import { mirror } from './guests/md.mjs';
import { BY_UUID, LONG, PLAIN, TWO, UUID, fstab } from './stack-parts.mjs';

/** @typedef {import('../setup/overlay.mjs').OverlayHost} OverlayHost */

export const LUKS_UUID = '5e11be11-0000-4000-8000-0be11be11be2';
const ARRAY_UUID = '5e11be11-0000-4000-8000-0be11be11be3';
export const KEY = '/etc/lab.key';
export const PASSPHRASE = 'lab-passphrase';

const DISK = /** @type {const} */ ({ ...PLAIN, kernel: 'cloud', bus: 'virtio-blk' });
const ON_VG0 = {
  commandLine: 'root=/dev/mapper/vg0-root rw rd.lvm.lv=vg0/root',
  files: fstab('/dev/mapper/vg0-root', 'ext4'),
};
const ARRAY = `rd.md.uuid=${mdName(ARRAY_UUID)}`;
export const MDADM_CONF = {
  '/etc/mdadm/mdadm.conf': `ARRAY /dev/md/0 metadata=1.2 name=lab:0 UUID=${mdName(ARRAY_UUID)}\n`,
};
/** A volume that a key in the image opens. */
const KEYED = {
  ...DISK,
  arguments: `--include ${KEY} ${KEY}`,
  packages: ['cryptsetup-bin'],
  prepare: `head -c 64 /dev/urandom > ${KEY}`,
};
const KEYED_WORDS = `rd.luks.uuid=${LUKS_UUID} rd.luks.key=${LUKS_UUID}=${KEY}`;
const KEYED_FILES = {
  '/etc/crypttab': `luks-${LUKS_UUID} UUID=${LUKS_UUID} ${KEY} luks\n`,
  [KEY]: 'the key itself is in the image\n',
};

const MULTIPATH_CONF = { '/etc/multipath.conf': 'defaults {\n\tuser_friendly_names yes\n\tfind_multipaths no\n}\n' };
/** One disk at two controllers, which can be read alone. */
const TWO_PATHS = {
  ...PLAIN,
  kernel: /** @type {const} */ ('cloud'),
  bus: /** @type {const} */ ('multipath'),
  modules: 'multipath',
  packages: ['multipath-tools'],
  // Rules by their name upstream: by Debian's they are read before those that tell what a path is of, and come too late.
  // Without the socket: at the end dracut has `multipath` ask the daemon that was just stopped, which would be started again,
  // and the boot stands still.
  prepare: `printf "defaults {\\n\\tuser_friendly_names yes\\n\\tfind_multipaths no\\n}\\n" > /etc/multipath.conf
   rm /usr/lib/systemd/system/multipathd.socket
   mv /usr/lib/udev/rules.d/60-multipath.rules /usr/lib/udev/rules.d/62-multipath.rules`,
  // dracut 059 looks for what checks paths where Debian has nothing, and for rules by other names.
  arguments: ['multipath', 'udev/rules.d/56-dm-mpath.rules']
    .map((path) => `--include /usr/lib/${path} /usr/lib/${path}`)
    .join(' '),
  lay: async (/** @type {OverlayHost} */ host) => {
    await host.sh('chroot /tmp/guest /bin/busybox --install -s /busybox');
    await PLAIN.lay(host);
  },
};
const ON_MPATHA = {
  commandLine: 'root=/dev/mapper/mpatha ro',
  files: { ...fstab('/dev/mapper/mpatha', 'ext4'), ...MULTIPATH_CONF },
};

/** @satisfies {Record<string, import('./stack-parts.mjs').Stack>} */
export const VOLUME_STACKS = {
  lvm: {
    ...DISK,
    modules: 'lvm',
    ...ON_VG0,
    layers: ['file-systems.mjs', 'lvm.mjs'],
    lay: async (host) => {
      await host.sh(`cd /tmp && ${ext4(UUID, '/tmp/plain')}`, LONG);
      await host.sh(linearVolume('/tmp/plain', '/tmp/disk0'), LONG);
    },
  },
  'md-raid1': {
    ...DISK,
    modules: 'mdraid',
    packages: ['mdadm'],
    commandLine: `${BY_UUID} ${ARRAY}`,
    files: {
      ...fstab(`UUID=${UUID}`, 'ext4'),
      ...MDADM_CONF,
    },
    disks: TWO,
    layers: ['file-systems.mjs', 'md.mjs'],
    lay: async (host) => {
      await host.sh(`cd /tmp && ${ext4(UUID, '/tmp/plain')}`, LONG);
      const members = TWO.map((file) => host.path(file));
      await mirror(ARRAY_UUID, host.path('/tmp/plain'), members, copyTo);
    },
  },
  luks2: {
    ...KEYED,
    modules: 'crypt',
    commandLine: `${BY_UUID} ${KEYED_WORDS}`,
    files: {
      ...fstab(`UUID=${UUID}`, 'ext4'),
      ...KEYED_FILES,
    },
    layers: ['file-systems.mjs', 'luks.mjs'],
    lay: async (host) => {
      await host.sh(`cd /tmp && ${ext4(UUID, '/tmp/plain')}`, LONG);
      await encrypt(host, '/tmp/plain', '/tmp/disk0');
    },
  },
  'lvm-on-luks': {
    ...KEYED,
    modules: 'crypt lvm',
    commandLine: `root=/dev/mapper/vg0-root rw ${KEYED_WORDS} rd.lvm.lv=vg0/root`,
    files: {
      ...ON_VG0.files,
      ...KEYED_FILES,
    },
    layers: ['file-systems.mjs', 'lvm.mjs', 'luks.mjs'],
    lay: async (host) => {
      await host.sh(`cd /tmp && ${ext4(UUID, '/tmp/plain')}`, LONG);
      await host.sh(linearVolume('/tmp/plain', '/tmp/volume'), LONG);
      await encrypt(host, '/tmp/volume', '/tmp/disk0');
    },
  },
  'lvm-thin': {
    ...DISK,
    modules: 'lvm',
    packages: ['thin-provisioning-tools'],
    ...ON_VG0,
    layers: ['file-systems.mjs', 'lvm-thin.mjs'],
    lay: async (host) => {
      await host.sh(`cd /tmp && ${ext4(UUID, '/tmp/plain')}`, LONG);
      await host.sh(thinVolume('/tmp/plain', '/tmp/disk0'), LONG);
    },
  },
  // Each leg on a disk of its own. The root has LVM's own copy of the group's metadata, as a host has it.
  'lvm-raid1': {
    ...DISK,
    modules: 'lvm',
    ...ON_VG0,
    disks: TWO,
    layers: ['file-systems.mjs', 'lvm-thin.mjs', 'lvm-raid.mjs'],
    lay: async (host) => {
      // Twice: the copy is made with the volume, and the volume holds the copy.
      for (const last of [false, true]) {
        await host.sh(`cd /tmp && ${ext4(UUID, '/tmp/plain')}`, LONG);
        await host.sh(mirroredVolume('/tmp/plain', TWO, '/tmp/guest/etc/lvm/backup/vg0'), LONG);
        if (!last) await host.sh(`rm ${TWO.join(' ')}`);
      }
    },
  },
  bcache: {
    ...DISK,
    modules: 'bcache',
    packages: ['bcache-tools'],
    layers: ['file-systems.mjs', 'bcache.mjs'],
    lay: layBcache,
  },
  'bcache-scripts': {
    ...DISK,
    modules: 'bcache',
    withoutSystemd: true,
    packages: ['bcache-tools'],
    layers: ['file-systems.mjs', 'bcache.mjs'],
    lay: layBcache,
  },
  // By name alone: found by its UUID, a root that is up on one path before multipathd takes that is lost again, and the boot
  // stands still, with the multipath-tools of Debian 12; and so does one that dracut's scripts mount.
  'multipath-named': { ...TWO_PATHS, ...ON_MPATHA },
  'lvm-on-md': {
    ...DISK,
    modules: 'mdraid lvm',
    packages: ['mdadm'],
    commandLine: `root=/dev/mapper/vg0-root rw ${ARRAY} rd.lvm.lv=vg0/root`,
    files: {
      ...ON_VG0.files,
      ...MDADM_CONF,
    },
    disks: TWO,
    layers: ['file-systems.mjs', 'lvm.mjs', 'md.mjs'],
    lay: async (host) => {
      await host.sh(`cd /tmp && ${ext4(UUID, '/tmp/plain')}`, LONG);
      await host.sh(linearVolume('/tmp/plain', '/tmp/volume'), LONG);
      const members = TWO.map((file) => host.path(file));
      await mirror(ARRAY_UUID, host.path('/tmp/volume'), members, copyTo);
    },
  },
  'luks2-typed': {
    ...DISK,
    modules: 'crypt',
    packages: ['cryptsetup-bin'],
    prepare: `printf ${PASSPHRASE} > ${KEY}`,
    commandLine: `${BY_UUID} rd.luks.uuid=${LUKS_UUID}`,
    types: { prompt: /enter passphrase for disk/i, keys: `${PASSPHRASE}\n` },
    files: {
      ...fstab(`UUID=${UUID}`, 'ext4'),
      '/etc/crypttab': `luks-${LUKS_UUID} UUID=${LUKS_UUID} none luks\n`,
    },
    layers: ['file-systems.mjs', 'luks.mjs'],
    lay: async (host) => {
      await host.sh(`cd /tmp && ${ext4(UUID, '/tmp/plain')}`, LONG);
      await encrypt(host, '/tmp/plain', '/tmp/disk0');
    },
  },
};

/**
 * As mdadm writes a UUID.
 * @param {string} uuid
 */
function mdName(uuid) {
  return uuid.replaceAll('-', '').replace(/(.{8})(?=.)/g, '$1:');
}

/**
 * @param {string} from
 * @param {string} to
 * @param {number} offset
 */
function copyTo(from, to, offset) {
  return run('dd', [
    ...[`if=${from}`, `of=${to}`, 'bs=1M', `seek=${offset}`],
    ...['oflag=seek_bytes', 'conv=notrunc,sparse', 'status=none'],
  ]);
}

/**
 * @param {OverlayHost} host
 * @param {string} from
 * @param {string} file
 */
async function encrypt(host, from, file) {
  await host.sh(luksHeader(LUKS_UUID, from, file, KEY), LONG);
  encryptPayload(host.path('/tmp/volume.key'), host.path(from), host.path(file));
  await host.sh(`rm ${from}`);
}

/** @param {OverlayHost} host */
async function layBcache(host) {
  await host.sh(`cd /tmp && ${ext4(UUID, '/tmp/plain')}`, LONG);
  await host.sh(backingDevice('/tmp/plain', '/tmp/disk0'), LONG);
}
