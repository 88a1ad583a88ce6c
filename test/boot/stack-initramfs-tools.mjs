// @ts-check
// Stacks whose images Debian's own generator builds, by the hooks of lvm2, cryptsetup-initramfs and mdadm. These go by the files
// of the host that they run on, so that the build host is given the guest's.
import { BY_UUID, PLAIN } from './stack-parts.mjs';
import { KEY, LUKS_UUID, MDADM_CONF, PASSPHRASE, VOLUME_STACKS } from './stack-volumes.mjs';

const GENERATED = /** @type {const} */ ({
  ...PLAIN,
  kernel: 'cloud',
  bus: 'virtio-blk',
  generator: 'initramfs-tools',
});
/** Without `initramfs`, the hook would look for what / is on, and the build host's is on no such volume. */
const OPTIONS = 'luks,initramfs';

/** @param {Readonly<Record<string, string>>} files */
const written = (files) =>
  Object.entries(files)
    .map(([path, text]) => `mkdir -p "$(dirname ${path})"; printf '%s\\n' '${text.trim()}' > ${path}`)
    .join('\n   ');

const TYPED = { '/etc/crypttab': `vg0_crypt UUID=${LUKS_UUID} none ${OPTIONS}\n` };
const KEYED = { '/etc/crypttab': `lab_crypt UUID=${LUKS_UUID} ${KEY} ${OPTIONS}\n` };

/** @satisfies {Record<string, import('./stack-parts.mjs').Stack>} */
export const INITRAMFS_TOOLS_STACKS = {
  'initramfs-tools-lvm': {
    ...GENERATED,
    packages: ['lvm2'],
    commandLine: 'root=/dev/mapper/vg0-root ro',
    files: VOLUME_STACKS.lvm.files,
    layers: VOLUME_STACKS.lvm.layers,
    lay: VOLUME_STACKS.lvm.lay,
  },
  'initramfs-tools-luks2': {
    ...GENERATED,
    packages: ['cryptsetup-initramfs'],
    prepare: `head -c 64 /dev/urandom > ${KEY}
   ${written(KEYED)}
   echo 'KEYFILE_PATTERN="/etc/*.key"' >> /etc/cryptsetup-initramfs/conf-hook
   echo UMASK=0077 >> /etc/initramfs-tools/initramfs.conf`,
    commandLine: BY_UUID,
    files: { ...GENERATED.files, ...KEYED, [KEY]: 'the key itself is in the image\n' },
    layers: VOLUME_STACKS.luks2.layers,
    lay: VOLUME_STACKS.luks2.lay,
  },
  // What Debian's installer makes of an encrypted disk.
  'initramfs-tools-lvm-on-luks': {
    ...GENERATED,
    packages: ['lvm2', 'cryptsetup-initramfs'],
    prepare: `printf ${PASSPHRASE} > ${KEY}
   ${written(TYPED)}`,
    commandLine: 'root=/dev/mapper/vg0-root ro',
    types: { prompt: /please unlock disk/i, keys: `${PASSPHRASE}\n` },
    files: { ...VOLUME_STACKS.lvm.files, ...TYPED },
    layers: VOLUME_STACKS['lvm-on-luks'].layers,
    lay: VOLUME_STACKS['lvm-on-luks'].lay,
  },
  'initramfs-tools-md-raid1': {
    ...GENERATED,
    packages: ['mdadm'],
    prepare: written(MDADM_CONF),
    commandLine: BY_UUID,
    files: { ...GENERATED.files, ...MDADM_CONF },
    disks: VOLUME_STACKS['md-raid1'].disks,
    layers: VOLUME_STACKS['md-raid1'].layers,
    lay: VOLUME_STACKS['md-raid1'].lay,
  },
  'initramfs-tools-lvm-on-md': {
    ...GENERATED,
    packages: ['lvm2', 'mdadm'],
    prepare: written(MDADM_CONF),
    commandLine: 'root=/dev/mapper/vg0-root ro',
    files: { ...VOLUME_STACKS.lvm.files, ...MDADM_CONF },
    disks: VOLUME_STACKS['lvm-on-md'].disks,
    layers: VOLUME_STACKS['lvm-on-md'].layers,
    lay: VOLUME_STACKS['lvm-on-md'].lay,
  },
};
