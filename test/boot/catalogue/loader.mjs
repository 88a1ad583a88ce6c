// @ts-check
// Faults of the entry: what it loads, and the command line that it gives.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, ROOT_UUID } from '../bases.mjs';
import { ALL, DRACUT, KERNELS, PLAIN, SYSTEMD, SYSTEMD_106, SYSTEMD_59, TOOLS, fault, nearMiss } from './case.mjs';

/** What the kernel finds where nobody loaded an image: it unpacks NULs to nothing. */
const NO_IMAGE = Buffer.alloc(512);
const GRUB = 'boot/grub/grub.cfg';
const WRONG_UUID = '0bad0bad-0000-4000-8000-0bad0bad0bad';

/** @param {string} words behind the sound command line */
const told = (words) => ({ append: `${ROOT} ${words}` });

/**
 * What the guest captures of itself where its entry names this program: a file of that name is looked for in its root.
 * @param {string} path
 * @param {boolean} isThere
 */
const looked = (path, isThere) => (/** @type {string} */ root) => {
  const manifest = join(root, 'bellwether-capture.json');
  const captured = JSON.parse(readFileSync(manifest, 'utf8'));
  captured.derived[`init:${path}`] = isThere;
  writeFileSync(manifest, JSON.stringify(captured));
};

/** @param {(text: string) => string} change */
const grub = (change) => (/** @type {string} */ root) => {
  const path = join(root, GRUB);
  const [before, after] = [readFileSync(path, 'utf8'), change(readFileSync(path, 'utf8'))];
  if (after === before) throw new Error(`nothing changed in ${GRUB}`);
  writeFileSync(path, after);
};

/** @type {readonly import('./case.mjs').Case[]} */
export const LOADER = [
  fault('image_missing', 'the image is gone', KERNELS, ({ kernel }) => ({
    image: NO_IMAGE,
    edit: (root) => rmSync(join(root, 'boot', `initrd.img-${kernel}`)),
  })),
  nearMiss('image_missing', 'an older entry loads an image that is gone', [PLAIN, SYSTEMD_106], ({ kernel }) => ({
    edit: grub(
      (text) =>
        `${text}menuentry 'Old' { linux /boot/vmlinuz-${kernel} ${ROOT}\n initrd /boot/initrd.img-${kernel}.old }\n`,
    ),
  })),
  fault('entry_without_image', 'the entry loads no image', KERNELS, ({ kernel }) => ({
    image: NO_IMAGE,
    edit: grub((text) => text.replace(`\n initrd /boot/initrd.img-${kernel}`, '')),
  })),

  fault('init_missing', 'rdinit= names nothing', ALL, () => told('rdinit=/no/such')),
  nearMiss('init_missing', 'rdinit= names what is there', [PLAIN, TOOLS], () => told('rdinit=/init')),
  nearMiss('init_missing', 'rdinit= names systemd', SYSTEMD, () => told('rdinit=/usr/lib/systemd/systemd')),

  fault(
    'root_init_missing',
    'init= names nothing',
    ALL,
    () => ({ ...told('init=/no/such'), edit: looked('/no/such', false) }),
    { boots: null, slow: true },
  ),
  nearMiss('root_init_missing', 'init= names what is there', DRACUT, () => ({
    ...told('init=/sbin/init'),
    edit: looked('/sbin/init', true),
  })),
  nearMiss('root_mount_point_missing', 'mounted read-only', [SYSTEMD_59, TOOLS], () => ({
    append: ROOT.replace(' rw', ' ro'),
  })),

  fault('root_unknown', 'root= names another file system', ALL, () => told(`root=UUID=${WRONG_UUID}`), { slow: true }),
  fault('root_unknown', 'no root=', ALL, () => ({ append: 'rw' })),
  nearMiss('root_unknown', 'root=LABEL=', [SYSTEMD_59, TOOLS], () => ({ append: 'root=LABEL=labroot rw' })),
  nearMiss('root_unknown', 'root=/dev/vda', [TOOLS, PLAIN, SYSTEMD_106], () => ({ append: 'root=/dev/vda rw' })),
  nearMiss('root_unknown', 'root=/dev/disk/by-uuid', [SYSTEMD_106, PLAIN], () => ({
    append: `root=/dev/disk/by-uuid/${ROOT_UUID} rw`,
  })),
  nearMiss('root_unknown', 'two root=, the last one right', [PLAIN, TOOLS], () => ({
    append: `root=UUID=${WRONG_UUID} ${ROOT}`,
  })),
  nearMiss('resume_unknown', 'resume= names nothing', [TOOLS, SYSTEMD_59], () => told(`resume=UUID=${WRONG_UUID}`)),

  fault('rootfstype_wrong', 'rootfstype=xfs', ALL, () => told('rootfstype=xfs'), { boots: null, slow: true }),
  nearMiss('rootfstype_wrong', 'rootfstype=ext4', [TOOLS, SYSTEMD_106], () => told('rootfstype=ext4')),

  fault('driver_blocked', 'module_blacklist=', ALL, () => told('module_blacklist=virtio_blk'), { slow: true }),
  fault('driver_blocked', 'modprobe.blacklist=', ALL, () => told('modprobe.blacklist=virtio_blk'), {
    boots: null,
    slow: true,
  }),
  nearMiss('driver_blocked', 'module_blacklist= of another', [SYSTEMD_106, PLAIN], () =>
    told('module_blacklist=virtio_scsi'),
  ),
  nearMiss('module_unsigned', 'signatures demanded, and there', [PLAIN, SYSTEMD_106, TOOLS], () =>
    told('module.sig_enforce=1'),
  ),
];
