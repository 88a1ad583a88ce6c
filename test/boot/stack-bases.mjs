// @ts-check
// Storage stacks, each a base of its own: what its root is stored on, what its image needs for it, and what the command
// line and the root's own files say of it. All are dracut's, with systemd, on Debian 12's kernels.
// A separate /boot is none of them: QEMU loads kernel and image itself, so that no boot here would read it.
import { run } from '../setup/command.mjs';
import { btrfs, ext4, xfs } from './guests/file-systems.mjs';
import { encryptPayload, luksHeader } from './guests/luks.mjs';
import { thinVolume } from './guests/lvm-thin.mjs';
import { linearVolume } from './guests/lvm.mjs';
import { mirror } from './guests/md.mjs';
import { MOUNT_TAG } from './oracle.mjs';

/** @typedef {import('../setup/overlay.mjs').OverlayHost} OverlayHost */
/**
 * @typedef {object} Stack
 * @property {'cloud' | 'generic'} kernel cloud wherever what the stack needs is a module there
 * @property {keyof typeof import('./oracle.mjs').BUSES} bus
 * @property {string} modules dracut's, besides those that every base has
 * @property {string} [arguments] further ones for dracut
 * @property {readonly string[]} packages of tools that the image or the disk takes
 * @property {string} [prepare] shell to run before the image is built
 * @property {string} commandLine
 * @property {import('./oracle.mjs').Typed} [types] what somebody at the console answers
 * @property {Readonly<Record<string, string>>} files of the root
 * @property {readonly string[]} disks in the throwaway host: files, or a folder that the guest is shown
 * @property {readonly string[]} layers files of guests/ that `lay` takes
 * @property {(host: OverlayHost) => Promise<unknown>} lay
 */

const UUID = '5e11be11-0000-4000-8000-0be11be11be1';
const LUKS_UUID = '5e11be11-0000-4000-8000-0be11be11be2';
const ARRAY_UUID = '5e11be11-0000-4000-8000-0be11be11be3';
const USR_UUID = '5e11be11-0000-4000-8000-0be11be11be4';
const SWAP_UUID = '5e11be11-0000-4000-8000-0be11be11be5';
const BY_UUID = `root=UUID=${UUID} rw`;
const KEY = '/etc/lab.key';
const PASSPHRASE = 'lab-passphrase';
const ONE = ['/tmp/disk0'];
const TWO = ['/tmp/disk0', '/tmp/disk1'];
const LONG = { timeout: 600_000 };

const fstab = (/** @type {string} */ device, /** @type {string} */ type, more = '') => ({
  '/etc/fstab': `${device} / ${type} defaults 0 1\n${more}`,
});

/** @type {Pick<Stack, 'modules' | 'packages' | 'commandLine' | 'files' | 'disks' | 'layers' | 'lay'>} */
const PLAIN = {
  modules: '',
  packages: [],
  commandLine: BY_UUID,
  files: fstab(`UUID=${UUID}`, 'ext4'),
  disks: ONE,
  layers: ['file-systems.mjs'],
  lay: (host) => host.sh(`cd /tmp && ${ext4(UUID, '/tmp/disk0')}`, LONG),
};

/** @satisfies {Record<string, Stack>} */
export const STACKS = {
  'virtio-scsi': { ...PLAIN, kernel: 'cloud', bus: 'virtio-scsi' },
  // The cloud kernel has NVMe built in, and neither AHCI nor USB at all.
  nvme: { ...PLAIN, kernel: 'generic', bus: 'nvme' },
  ahci: { ...PLAIN, kernel: 'generic', bus: 'ahci' },
  usb: { ...PLAIN, kernel: 'generic', bus: 'usb' },
  // ext4 is built into the cloud kernel; here it is a module.
  ext4: { ...PLAIN, kernel: 'generic', bus: 'virtio-blk' },
  xfs: {
    ...PLAIN,
    kernel: 'cloud',
    bus: 'virtio-blk',
    packages: ['xfsprogs'],
    files: fstab(`UUID=${UUID}`, 'xfs'),
    lay: (host) => host.sh(xfs(UUID, '/tmp/disk0'), LONG),
  },
  btrfs: {
    ...PLAIN,
    kernel: 'cloud',
    bus: 'virtio-blk',
    modules: 'btrfs',
    packages: ['btrfs-progs'],
    files: fstab(`UUID=${UUID}`, 'btrfs'),
    lay: (host) => host.sh(btrfs(UUID, ONE), LONG),
  },
  'btrfs-two': {
    ...PLAIN,
    kernel: 'cloud',
    bus: 'virtio-blk',
    modules: 'btrfs',
    packages: ['btrfs-progs'],
    files: fstab(`UUID=${UUID}`, 'btrfs'),
    disks: TWO,
    lay: (host) => host.sh(btrfs(UUID, TWO), LONG),
  },
  lvm: {
    ...PLAIN,
    kernel: 'cloud',
    bus: 'virtio-blk',
    modules: 'lvm',
    commandLine: 'root=/dev/mapper/vg0-root rw rd.lvm.lv=vg0/root',
    files: fstab('/dev/mapper/vg0-root', 'ext4'),
    layers: ['file-systems.mjs', 'lvm.mjs'],
    lay: async (host) => {
      await host.sh(`cd /tmp && ${ext4(UUID, '/tmp/plain')}`, LONG);
      await host.sh(linearVolume('/tmp/plain', '/tmp/disk0'), LONG);
    },
  },
  'md-raid1': {
    ...PLAIN,
    kernel: 'cloud',
    bus: 'virtio-blk',
    modules: 'mdraid',
    packages: ['mdadm'],
    commandLine: `${BY_UUID} rd.md.uuid=${mdName(ARRAY_UUID)}`,
    files: {
      ...fstab(`UUID=${UUID}`, 'ext4'),
      '/etc/mdadm/mdadm.conf': `ARRAY /dev/md/0 metadata=1.2 name=lab:0 UUID=${mdName(ARRAY_UUID)}\n`,
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
    ...PLAIN,
    kernel: 'cloud',
    bus: 'virtio-blk',
    modules: 'crypt',
    arguments: `--include ${KEY} ${KEY}`,
    packages: ['cryptsetup-bin'],
    prepare: `head -c 64 /dev/urandom > ${KEY}`,
    commandLine: `${BY_UUID} rd.luks.uuid=${LUKS_UUID} rd.luks.key=${LUKS_UUID}=${KEY}`,
    files: {
      ...fstab(`UUID=${UUID}`, 'ext4'),
      '/etc/crypttab': `luks-${LUKS_UUID} UUID=${LUKS_UUID} ${KEY} luks\n`,
      [KEY]: 'the key itself is in the image\n',
    },
    layers: ['file-systems.mjs', 'luks.mjs'],
    lay: async (host) => {
      await host.sh(`cd /tmp && ${ext4(UUID, '/tmp/plain')}`, LONG);
      await encrypt(host, '/tmp/plain', '/tmp/disk0');
    },
  },
  'lvm-on-luks': {
    ...PLAIN,
    kernel: 'cloud',
    bus: 'virtio-blk',
    modules: 'crypt lvm',
    arguments: `--include ${KEY} ${KEY}`,
    packages: ['cryptsetup-bin'],
    prepare: `head -c 64 /dev/urandom > ${KEY}`,
    commandLine: `root=/dev/mapper/vg0-root rw rd.luks.uuid=${LUKS_UUID} rd.luks.key=${LUKS_UUID}=${KEY} rd.lvm.lv=vg0/root`,
    files: {
      ...fstab('/dev/mapper/vg0-root', 'ext4'),
      '/etc/crypttab': `luks-${LUKS_UUID} UUID=${LUKS_UUID} ${KEY} luks\n`,
      [KEY]: 'the key itself is in the image\n',
    },
    layers: ['file-systems.mjs', 'lvm.mjs', 'luks.mjs'],
    lay: async (host) => {
      await host.sh(`cd /tmp && ${ext4(UUID, '/tmp/plain')}`, LONG);
      await host.sh(linearVolume('/tmp/plain', '/tmp/volume'), LONG);
      await encrypt(host, '/tmp/volume', '/tmp/disk0');
    },
  },
  'lvm-thin': {
    ...PLAIN,
    kernel: 'cloud',
    bus: 'virtio-blk',
    modules: 'lvm',
    packages: ['thin-provisioning-tools'],
    commandLine: 'root=/dev/mapper/vg0-root rw rd.lvm.lv=vg0/root',
    files: fstab('/dev/mapper/vg0-root', 'ext4'),
    layers: ['file-systems.mjs', 'lvm-thin.mjs'],
    lay: async (host) => {
      await host.sh(`cd /tmp && ${ext4(UUID, '/tmp/plain')}`, LONG);
      await host.sh(thinVolume('/tmp/plain', '/tmp/disk0'), LONG);
    },
  },
  'lvm-on-md': {
    ...PLAIN,
    kernel: 'cloud',
    bus: 'virtio-blk',
    modules: 'mdraid lvm',
    packages: ['mdadm'],
    commandLine: `root=/dev/mapper/vg0-root rw rd.md.uuid=${mdName(ARRAY_UUID)} rd.lvm.lv=vg0/root`,
    files: {
      ...fstab('/dev/mapper/vg0-root', 'ext4'),
      '/etc/mdadm/mdadm.conf': `ARRAY /dev/md/0 metadata=1.2 name=lab:0 UUID=${mdName(ARRAY_UUID)}\n`,
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
    ...PLAIN,
    kernel: 'cloud',
    bus: 'virtio-blk',
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
  // A folder of this machine, which the guest does not write to. The cloud kernel does not know 9p.
  '9p': {
    ...PLAIN,
    kernel: 'generic',
    bus: '9p',
    modules: 'virtfs',
    commandLine: `root=virtfs:${MOUNT_TAG} ro`,
    files: fstab(MOUNT_TAG, '9p'),
    disks: ['/tmp/guest'],
    layers: [],
    lay: (host) => host.sh('chroot /tmp/guest /bin/busybox --install -s /busybox'),
  },
  // The root holds links into /usr alone, so that nothing of it runs before /usr is mounted.
  usr: {
    ...PLAIN,
    kernel: 'cloud',
    bus: 'virtio-blk',
    files: fstab(`UUID=${UUID}`, 'ext4', `UUID=${USR_UUID} /usr ext4 defaults 0 1\n`),
    disks: TWO,
    lay: (host) =>
      host.sh(
        `cd /tmp/guest && rm lib/modules
         for dir in bin sbin lib lib64; do mkdir -p usr/$dir; cp -a $dir/. usr/$dir/; rm -r $dir; ln -s usr/$dir $dir; done
         mv usr /tmp/usr && mkdir usr
         ${ext4(UUID, '/tmp/disk0')}
         ${ext4(USR_UUID, '/tmp/disk1', '/tmp/usr')}`,
        LONG,
      ),
  },
  resume: {
    ...PLAIN,
    kernel: 'cloud',
    bus: 'virtio-blk',
    modules: 'resume',
    commandLine: `${BY_UUID} resume=UUID=${SWAP_UUID}`,
    files: fstab(`UUID=${UUID}`, 'ext4', `UUID=${SWAP_UUID} none swap sw 0 0\n`),
    disks: TWO,
    lay: async (host) => {
      await PLAIN.lay(host);
      await host.sh(`truncate -s 128M /tmp/disk1 && mkswap -q -U ${SWAP_UUID} /tmp/disk1`);
    },
  },
};

/** @typedef {keyof typeof STACKS} StackName */

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
