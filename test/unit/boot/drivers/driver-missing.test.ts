import { describe, expect, test } from '@jest/globals';
import { driverMissing } from '../../../../src/boot/checks/driver-missing.ts';
import { filesystemDriverMissing } from '../../../../src/boot/checks/filesystem-driver-missing.ts';
import type { StorageFacts, StorageNode } from '../../../../src/host/types.ts';
import { CONFIG, facts, node, soundStorage, virtioDisk, K, type FactsSpec } from '../facts.ts';
import { MODULES } from '../image.ts';
import { hostIndex } from '../modules.ts';
import { said } from './said.ts';

const IMAGE = `/boot/initramfs-${K}.img`;
const without = (...names: string[]) => MODULES.filter((name) => !names.includes(name));
const onRoot = (type: string, ...more: StorageNode[]): Partial<StorageFacts> => ({
  nodes: [
    node({ id: 'fs:/', kind: 'filesystem', name: '/dev/vda2', type, mountPoints: ['/'], below: ['vda2'] }),
    node({ id: 'vda2', kind: 'partition', below: ['vda'] }),
    virtioDisk(),
    ...more,
  ],
});

describe('driver_missing', () => {
  test('a disk driver that the kernel has as a module and the image lacks', () => {
    expect(said(driverMissing, facts({ image: { modules: without('virtio_blk') } }))).toEqual([
      {
        defect: true,
        severity: 'fatal',
        message: 'The image lacks virtio_blk, because /dev/vda2 holds the PV of vg0, which holds /.',
        evidence: {
          driver: 'virtio_blk',
          requirement: 'virtio_blk, because /dev/vda2 holds the PV of vg0, which holds /',
          modalias: 'virtio:d00000002v00001AF4',
          candidates: ['virtio_blk'],
          host_path: 'kernel/drivers/block/virtio_blk.ko',
          image: IMAGE,
        },
      },
    ]);
  });
  test('the bus below it counts as well', () => {
    expect(said(driverMissing, facts({ image: { modules: without('virtio_pci') } }))).toMatchObject([
      { severity: 'fatal', evidence: { driver: 'virtio_pci' } },
    ]);
  });
  test('a driver that moved from a module into the kernel is not missed', () => {
    const index = hostIndex();
    const builtin = new Set([...index.builtin, 'virtio_blk', 'virtio_pci', 'virtio', 'virtio_ring']);
    const spec = { kernel: { index: { ...index, builtin } }, image: { modules: without('virtio_blk', 'virtio_pci') } };
    expect(said(driverMissing, facts(spec))).toEqual([]);
  });
  test('a kernel without loadable modules is asked for its configuration', () => {
    const config = new Map([
      ...CONFIG,
      ['CONFIG_VIRTIO_BLK', 'y'],
      ['CONFIG_VIRTIO_PCI', 'y'],
      ['CONFIG_BLK_DEV_DM', 'y'],
    ]);
    const kernel = { config, index: null, modules: [], modulesDir: null };
    expect(said(driverMissing, facts({ kernel, image: { moduleFacts: [], index: null } }))).toEqual([]);
  });
  test('a driver that has another name in this kernel is found by the device', () => {
    const modalias = 'pci:v00001AF4d00001001sv00001AF4sd00000002bc01sc00i00';
    const disk = node({
      id: 'vda',
      kind: 'disk',
      type: 'virtio',
      drivers: [{ name: 'virtio_pci_old', module: true, modalias, device: '/sys/devices/pci0000:00/0000:00:03.0' }],
    });
    const storage = { nodes: [...soundStorage().nodes.filter(({ id }) => id !== 'vda'), disk] };
    expect(said(driverMissing, facts({ storage }))).toEqual([]);
    expect(said(driverMissing, facts({ storage, image: { modules: without('virtio_pci') } }))).toMatchObject([
      { evidence: { driver: 'virtio_pci', candidates: ['virtio_pci'] } },
    ]);
  });
  test('a driver that this kernel does not have at all', () => {
    const modalias = 'pci:v00001000d00000999sv0sd0bc01sc04i00';
    const drivers = [{ name: 'megaraid_next', module: true, modalias, device: '/sys/devices/pci0000:00/0000:00:04.0' }];
    const storage = { nodes: [...soundStorage().nodes.filter(({ id }) => id !== 'vda'), { ...virtioDisk(), drivers }] };
    expect(said(driverMissing, facts({ storage }))).toMatchObject([
      {
        severity: 'fatal',
        message: `${K} has no module for megaraid_next, because /dev/vda2 holds the PV of vg0, which holds /, and nothing built in.`,
      },
    ]);
  });
  test('a driver that only the running kernel knows, on a device that does not tell what it is, is unknown', () => {
    const drivers = [{ name: 'odd_bus', module: true, modalias: null, device: '/sys/devices/platform/odd' }];
    const storage = { nodes: [...soundStorage().nodes.filter(({ id }) => id !== 'vda'), { ...virtioDisk(), drivers }] };
    const { kernel } = facts();
    const old = { ...kernel, kernel: '5.10.0-1', modules: [{ path: 'updates/odd_bus.ko', size: 1, mtime: 1 }] };
    const host = { running: '5.10.0-1', kernels: [old, kernel] };
    expect(
      said(driverMissing, facts({ storage, host: { ...host, storage: { ...soundStorage(), ...storage } } })),
    ).toEqual([
      {
        defect: false,
        what: `whether ${K} has odd_bus, because /dev/vda2 holds the PV of vg0, which holds /`,
        reason: 'nothing of the kernel is called odd_bus',
      },
    ]);
  });
  test('a host read from its files alone leaves the disk’s driver unknown', () => {
    const spec: FactsSpec = {
      storage: { state: 'partial', nodes: soundStorage().nodes.filter(({ kind }) => kind === 'filesystem') },
      host: {
        unread: [{ part: 'storage', what: 'the disks', reason: 'only its configuration tells of its storage' }],
      },
    };
    expect(said(driverMissing, facts(spec))).toEqual([
      {
        defect: false,
        what: 'the drivers of the disks that hold /',
        reason: 'only its configuration tells of its storage',
      },
    ]);
    expect(said(driverMissing, facts({ ...spec, platform: 'kvm' }))).toEqual([]);
  });
  test('a disk below which no driver is seen', () => {
    const disk = node({ id: 'sda', kind: 'disk', type: 'scsi' });
    const storage = { nodes: [node({ id: 'fs:/', kind: 'filesystem', type: 'ext4', below: ['sda'] }), disk] };
    expect(said(driverMissing, facts({ storage }))).toMatchObject([{ defect: false, what: 'the driver of /dev/sda' }]);
  });
  test.each([
    ['nested in a squashfs', { unread: [{ path: 'squashfs-root.img', format: 'squashfs' as const }] }],
    ['in booster’s own ways', { generator: 'booster' as const, dracut: null }],
    ['past a limit', { problems: [{ kind: 'limit' as const, file: 0, offset: 0, detail: '4 GiB' }] }],
    ['behind damage', { problems: [{ kind: 'truncated' as const, file: 0, offset: 9, detail: 'it ends early' }] }],
  ])('what may lie %s is unknown, and not missing', (_, over) => {
    expect(said(driverMissing, facts({ image: { modules: without('virtio_blk'), over } }))).toMatchObject([
      { defect: false, what: expect.stringContaining('virtio_blk') },
    ]);
  });
  test('an image that could not be read', () => {
    const imageError = { path: IMAGE, kind: 'unreadable', reason: 'EACCES' } as const;
    expect(said(driverMissing, facts({ imageError }))).toMatchObject([{ defect: false, reason: 'EACCES' }]);
  });
  test('modules for another kernel do not help', () => {
    const image = facts().image!;
    const moduleFacts = image.modules.map((module) => ({ ...module, kernel: '6.1.0-1-amd64' }));
    expect(said(driverMissing, facts({ image: { moduleFacts, index: null } })).length).toBeGreaterThan(1);
  });
});

describe('filesystem_driver_missing', () => {
  const image = (...names: string[]) => ({ modules: ['virtio_blk', 'virtio_pci', 'crc32c_generic', ...names] });

  test('/ on zfs, and no module for this kernel', () => {
    expect(said(filesystemDriverMissing, facts({ storage: onRoot('zfs') }))).toEqual([
      {
        defect: true,
        severity: 'fatal',
        message: `${K} has no module for zfs, because / is zfs on /dev/vda2, and nothing built in.`,
        evidence: {
          filesystem: 'zfs',
          requirement: 'zfs, because / is zfs on /dev/vda2',
          candidates: [],
          modules_dir: `/usr/lib/modules/${K}`,
        },
        repair: ['reinstall', 'rebuild'],
      },
    ]);
  });
  test('a module on the host that is not in the image', () => {
    expect(said(filesystemDriverMissing, facts({ storage: onRoot('xfs'), image: image() }))).toMatchObject([
      { severity: 'fatal', evidence: { filesystem: 'xfs', host_path: 'kernel/fs/xfs/xfs.ko' } },
    ]);
    expect(said(filesystemDriverMissing, facts({ storage: onRoot('xfs'), image: image('xfs') }))).toEqual([]);
  });
  test.each(['ext2', 'ext3'])('%s is served by ext4', (type) => {
    expect(said(filesystemDriverMissing, facts({ storage: onRoot(type), image: image('ext4') }))).toEqual([]);
  });
  test('nfs4 is served by nfs', () => {
    expect(said(filesystemDriverMissing, facts({ storage: onRoot('nfs4'), image: image('nfsv4') }))).toEqual([]);
  });
  test('one that is built in, by name where nothing tells its aliases', () => {
    const index = hostIndex({ builtin: new Set(['xfs']), builtinAliases: new Map() });
    expect(said(filesystemDriverMissing, facts({ storage: onRoot('xfs'), kernel: { index }, image: image() }))).toEqual(
      [],
    );
  });
  test('a kernel that nothing is known of', () => {
    const kernel = { index: null, config: null, modules: [], modulesDir: null };
    const spec = { storage: onRoot('xfs'), kernel, image: { moduleFacts: [], index: null } };
    expect(said(filesystemDriverMissing, facts(spec))).toMatchObject([
      { defect: false, reason: 'what is built into the kernel is not known' },
    ]);
  });
  test('a root whose file system is not known', () => {
    const storage: Partial<StorageFacts> = { state: 'unknown', nodes: [], required: [] };
    expect(said(filesystemDriverMissing, facts({ storage }))).toMatchObject([
      { defect: false, what: 'the file system of /' },
    ]);
  });
});
