import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readHost } from '../../../src/host/read-host.ts';

// Made by test/boot/keep-captured.mjs of what real guests found in themselves with `inspect --capture`.
const CAPTURED = fileURLToPath(new URL('../../boot/captured/', import.meta.url));

const ROOT_ON_VDA = ['fs:/ filesystem on vda', 'vda disk: virtio_blk virtio_pci'];
const onMd = (md: string) => [
  `fs:/ filesystem on ${md}`,
  `${md} md on vda vdb`,
  'vda disk: virtio_blk virtio_pci',
  'vdb disk: virtio_blk virtio_pci',
];
const ON_LUKS = ['dm-0 crypt on vda', 'fs:/ filesystem on dm-0', 'vda disk: virtio_blk virtio_pci'];
const ON_LVM = ['dm-0 lvm_lv on vda', 'fs:/ filesystem on dm-0', 'vda disk: virtio_blk virtio_pci'];
const ON_LVM_ON_LUKS = [
  'dm-0 crypt on vda',
  'dm-1 lvm_lv on dm-0',
  'fs:/ filesystem on dm-1',
  'vda disk: virtio_blk virtio_pci',
];
const onLvmOnMd = (md: string) => [
  `dm-0 lvm_lv on ${md}`,
  'fs:/ filesystem on dm-0',
  `${md} md on vda vdb`,
  'vda disk: virtio_blk virtio_pci',
  'vdb disk: virtio_blk virtio_pci',
];

const ON_BCACHE = ['bcache0 bcache on vda', 'fs:/ filesystem on bcache0', 'vda disk: virtio_blk virtio_pci'];

const ON_MULTIPATH = [
  'dm-0 multipath on sda sdb',
  'fs:/ filesystem on dm-0',
  'sda disk: sd_mod virtio_scsi virtio_pci',
  'sdb disk: sd_mod virtio_scsi virtio_pci',
];
const WITH_SWAP = [
  'fs:/ filesystem on vda',
  'swap:vdb swap on vdb',
  'vda disk: virtio_blk virtio_pci',
  'vdb disk: virtio_blk virtio_pci',
];

/** What each guest's / is stored on, with the drivers that were bound, as its disks were laid. */
const STACKS: Readonly<Record<string, readonly string[]>> = {
  'dracut-059': ROOT_ON_VDA,
  'dracut-059-systemd': ROOT_ON_VDA,
  'dracut-106-systemd': ROOT_ON_VDA,
  'initramfs-tools-0.142': ROOT_ON_VDA,
  'dracut-051-systemd': ROOT_ON_VDA,
  'dracut-112-systemd': ROOT_ON_VDA,
  'initramfs-tools-0.148': ROOT_ON_VDA,
  '9p': ['fs:/ network'],
  ext4: ROOT_ON_VDA,
  'host-only': ROOT_ON_VDA,
  'loader-grub-bios-boot': ['fs:/ filesystem on vda3', 'vda disk: virtio_blk virtio_pci', 'vda3 partition on vda'],
  xfs: ROOT_ON_VDA,
  btrfs: ROOT_ON_VDA,
  'btrfs-two': ['fs:/ filesystem on vda vdb', 'vda disk: virtio_blk virtio_pci', 'vdb disk: virtio_blk virtio_pci'],
  usr: [
    'fs:/ filesystem on vda',
    'fs:/usr filesystem on vdb',
    'vda disk: virtio_blk virtio_pci',
    'vdb disk: virtio_blk virtio_pci',
  ],
  'virtio-scsi': ['fs:/ filesystem on sda', 'sda disk: sd_mod virtio_scsi virtio_pci'],
  nvme: ['fs:/ filesystem on nvme0n1', 'nvme0n1 disk: nvme'],
  ahci: ['fs:/ filesystem on sda', 'sda disk: sd_mod ahci'],
  usb: ['fs:/ filesystem on sda', 'sda disk: sd_mod usb_storage usbcore usbcore xhci_pci'],
  luks2: ON_LUKS,
  'luks2-typed': ON_LUKS,
  'initramfs-tools-luks2': ON_LUKS,
  lvm: ON_LVM,
  'initramfs-tools-lvm': ON_LVM,
  'lvm-on-luks': ON_LVM_ON_LUKS,
  'dracut-106-lvm-on-luks': ON_LVM_ON_LUKS,
  'initramfs-tools-0.148-lvm-on-luks': ON_LVM_ON_LUKS,
  'initramfs-tools-lvm-on-luks': ON_LVM_ON_LUKS,
  'lvm-on-md': onLvmOnMd('md127'),
  'initramfs-tools-lvm-on-md': onLvmOnMd('md0'),
  'initramfs-tools-0.148-lvm-on-md': onLvmOnMd('md0'),
  'dracut-112-lvm-on-md': onLvmOnMd('md127'),
  // Each leg's metadata and data, and the volume that mirrors them.
  'lvm-raid1': [
    'dm-0 lvm_lv on vda',
    'dm-1 lvm_lv on vda',
    'dm-2 lvm_lv on vdb',
    'dm-3 lvm_lv on vdb',
    'dm-4 lvm_lv on dm-0 dm-1 dm-2 dm-3',
    'fs:/ filesystem on dm-4',
    'vda disk: virtio_blk virtio_pci',
    'vdb disk: virtio_blk virtio_pci',
  ],
  bcache: ON_BCACHE,
  'bcache-scripts': ON_BCACHE,
  'btrfs-two-scripts': ['fs:/ filesystem on nvme0n1 nvme1n1', 'nvme0n1 disk: nvme', 'nvme1n1 disk: nvme'],
  'multipath-named': ON_MULTIPATH,
  'dracut-106-multipath': ON_MULTIPATH,
  // The pool's metadata and data, the pool, and the thin volume in it.
  'lvm-thin': [
    'dm-0 lvm_lv on vda',
    'dm-1 lvm_lv on vda',
    'dm-2 lvm_lv on dm-0 dm-1',
    'dm-3 lvm_lv on dm-2',
    'fs:/ filesystem on dm-3',
    'vda disk: virtio_blk virtio_pci',
  ],
  resume: WITH_SWAP,
  'dracut-106-resume': WITH_SWAP,
  'md-raid1': onMd('md127'),
  'initramfs-tools-md-raid1': onMd('md0'),
};

const work = mkdtempSync(join(tmpdir(), 'bellwether-captured-'));
afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

/** @param name of a base of the boot lab */
async function captured(name: string) {
  const root = mkdtempSync(join(work, `${name}-`));
  const { status, stderr } = spawnSync('tar', ['-xJf', join(CAPTURED, `${name}.tar.xz`), '-C', root]);
  if (status !== 0) throw new Error(stderr.toString());
  return readHost(root);
}

test('a guest captured that its /boot is a partition, and that GRUB calls what is there without it', async () => {
  const { boot, loader } = await captured('loader-grub-bios-boot');
  expect(boot.mounts.map(({ mountPoint, mounted }) => [mountPoint, mounted])).toEqual([
    ['/boot', true],
    ['/boot/efi', true],
  ]);
  expect(loader.entries.map(({ linux }) => linux?.raw)).toEqual([
    '/vmlinuz-6.1.0-56-cloud-amd64',
    '/vmlinuz-6.12.107+deb13-cloud-amd64',
  ]);
  expect(loader.entries[0]?.linux).toMatchObject({ path: '/boot/vmlinuz-6.1.0-56-cloud-amd64', exists: true });
});

describe('what a guest of the boot lab captured of itself tells what / is stored on', () => {
  test.each(readdirSync(CAPTURED).map((archive) => archive.replace('.tar.xz', '')))('%s', async (name) => {
    const { storage } = await captured(name);
    const nodes = storage.nodes.map(({ id, kind, below, drivers }) => {
      const on = below.length > 0 ? ` on ${below.join(' ')}` : '';
      const bound = drivers.length > 0 ? `: ${drivers.map((driver) => driver.name).join(' ')}` : '';
      return `${id} ${kind}${on}${bound}`;
    });
    expect(storage.state).toBe('complete');
    expect(nodes).toEqual(STACKS[name]);
  });
});
