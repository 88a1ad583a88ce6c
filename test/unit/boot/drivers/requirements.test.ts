import { describe, expect, test } from '@jest/globals';
import { requirementsOf } from '../../../../src/boot/requirements.ts';
import type { StorageNode } from '../../../../src/host/types.ts';
import { facts, node, virtioDisk, K } from '../facts.ts';
import { hostIndex } from '../modules.ts';

const names = (nodes: readonly StorageNode[], over: Parameters<typeof facts>[0] = {}) =>
  requirementsOf(facts({ ...over, storage: { nodes, ...over.storage } })).map(({ kind, name }) => `${kind} ${name}`);

const root = (type: string, below: readonly string[], over: Partial<StorageNode> = {}) =>
  node({
    id: 'fs:/',
    kind: 'filesystem',
    name: `/dev/${below[0] ?? 'none'}`,
    type,
    mountPoints: ['/'],
    below,
    ...over,
  });

test('/ on LVM on a virtio disk takes ext4, LVM, device-mapper, and the disk’s drivers up to the bus', () => {
  expect(requirementsOf(facts())).toEqual([
    { kind: 'filesystem', name: 'ext4', because: 'ext4, because / is ext4 on /dev/mapper/vg0-root' },
    { kind: 'layer', name: 'lvm', because: 'lvm, because /dev/mapper/vg0-root holds /' },
    { kind: 'driver', name: 'dm_mod', because: 'dm_mod, because /dev/mapper/vg0-root holds /' },
    {
      kind: 'driver',
      name: 'virtio_blk',
      modalias: 'virtio:d00000002v00001AF4',
      because: 'virtio_blk, because /dev/vda2 holds the PV of vg0, which holds /',
    },
    {
      kind: 'driver',
      name: 'virtio_pci',
      modalias: 'pci:v00001AF4d00001001sv00001AF4sd00000002bc01sc00i00',
      because: 'virtio_pci, because /dev/vda2 holds the PV of vg0, which holds /',
    },
  ]);
});

describe('each layer brings its own', () => {
  test('LUKS: dm_crypt and the cipher’s algorithms', () => {
    const crypt = node({ id: 'dm-0', kind: 'crypt', details: ['aes-xts-plain64'], below: ['vda'] });
    expect(names([root('ext4', ['dm-0']), crypt, virtioDisk()])).toEqual(
      expect.arrayContaining(['layer crypt', 'driver dm_mod', 'driver dm_crypt', 'driver aes', 'driver xts']),
    );
  });
  test('md raid5: raid456', () => {
    const md = node({ id: 'md0', kind: 'md', details: ['raid5'], below: ['vda'] });
    expect(names([root('xfs', ['md0']), md, virtioDisk()])).toEqual(
      expect.arrayContaining(['filesystem xfs', 'layer md', 'driver raid456']),
    );
  });
  test('a thin volume and its pool: dm_thin_pool', () => {
    const thin = node({ id: 'dm-4', kind: 'lvm_lv', vg: 'vg0', details: ['thin'], below: ['dm-3'] });
    const pool = node({ id: 'dm-3', kind: 'lvm_lv', vg: 'vg0', details: ['thin-pool'], below: ['vda'] });
    const found = requirementsOf(facts({ storage: { nodes: [root('ext4', ['dm-4']), thin, pool, virtioDisk()] } }));
    expect(found.map(({ name }) => name)).toContain('dm_thin_pool');
    expect(found.find(({ name }) => name === 'virtio_blk')?.because).toBe(
      'virtio_blk, because /dev/vda holds the PV of vg0, which holds /',
    );
  });
  test('multipath: dm_multipath and a way to choose a path, where root= names what they make', () => {
    const path = node({ id: 'dm-0', kind: 'multipath', name: '/dev/mapper/mpatha', below: ['vda'] });
    const nodes = [root('ext4', ['dm-0']), path, virtioDisk()];
    const named = { cmdline: 'root=/dev/mapper/mpatha2 ro' };
    expect(names(nodes, named)).toEqual(
      expect.arrayContaining(['driver dm_mod', 'driver dm_multipath', 'driver dm_service_time']),
    );
    expect(names(nodes, { ...named, image: { modules: ['dm_round_robin'] } })).not.toContain('driver dm_service_time');
    expect(names(nodes, { cmdline: 'root=UUID=bbbb ro' })).not.toContain('driver dm_multipath');
  });
  test('a RAID of LVM’s: dm_raid, and the level that it has the kernel ask for', () => {
    const raid = (...levels: readonly string[]) =>
      node({ id: 'dm-4', kind: 'lvm_lv', vg: 'vg0', details: ['raid', ...levels], below: ['vda'] });
    const needs = (...levels: readonly string[]) => names([root('ext4', ['dm-4']), raid(...levels), virtioDisk()]);
    expect(needs('raid1')).toEqual(expect.arrayContaining(['driver dm_raid', 'driver raid1']));
    expect(needs('raid5')).not.toContain('driver raid5'); // dm_raid depends on raid456
    expect(needs()).not.toContain('driver raid1');
  });
  test('VDO: its module by the name that the kernel has', () => {
    const vdo = node({ id: 'dm-4', kind: 'lvm_lv', vg: 'vg0', details: ['vdo'], below: ['vda'] });
    const nodes = [root('xfs', ['dm-4']), vdo, virtioDisk()];
    const apart = hostIndex({ modules: new Map([['kvdo', { path: 'extra/kvdo.ko', depends: [] }]]) });
    expect(names(nodes)).toContain('driver dm_vdo');
    expect(names(nodes, { kernel: { index: apart } })).toContain('driver kvdo');
  });
  test('9p: its transport', () => {
    expect(names([root('9p', [], { name: 'hostshare' })])).toEqual(['filesystem 9p', 'driver 9pnet_virtio']);
  });
  test('swap that resume= names: nothing, for without it the host boots all the same', () => {
    const swap = node({ id: 'vdb', kind: 'swap', below: ['vdc'] });
    const storage = { required: [{ id: 'vdb', why: 'resume=' }] };
    expect(names([swap, virtioDisk('vdc')], { storage })).toEqual([]);
  });
});

describe('drivers are called as the kernel judged calls them', () => {
  const disk = (driver: string, modalias: string | null, module = false) =>
    node({ id: 'sda', kind: 'disk', drivers: [{ name: driver, module, modalias, device: '/sys/devices/x' }] });

  test('“sd”, built into the running kernel, is sd_mod where it is a module', () => {
    expect(names([root('ext4', ['sda']), disk('sd', 'scsi:t-0x00')])).toContain('driver sd_mod');
  });
  test('“xhci_hcd”, built into the running kernel, is xhci_pci where it is a module', () => {
    const modalias = 'pci:v00001B36d0000000Dsv00001AF4sd00001100bc0Csc03i30';
    expect(names([root('ext4', ['sda']), disk('xhci_hcd', modalias)])).toContain('driver xhci_pci');
  });
  test('bridges, ports and hubs on the way are no matter', () => {
    const bridge = 'pci:v00008086d0000A338sv00000000sd00000000bc06sc04i00';
    expect(names([root('ext4', ['sda']), disk('pcieport', bridge)])).toEqual(['filesystem ext4']);
    expect(names([root('ext4', ['sda']), disk('hub', null)])).toEqual(['filesystem ext4']);
  });
  test('core code that no kernel has as a module is no matter', () => {
    const over = { host: { running: '5.10.0-1' } };
    expect(
      names([root('ext4', ['sda']), disk('pci_host_generic', 'of:NpcieT(null)Cpci-host-ecam-generic')], over),
    ).toEqual(['filesystem ext4']);
  });
  test('code built into the running kernel that could be a module is asked for in another', () => {
    const { kernel } = facts();
    const old = { ...kernel, kernel: '5.10.0-1', index: hostIndex({ builtin: new Set(['megaraid_old']) }) };
    const over = { host: { running: '5.10.0-1', kernels: [old, kernel] } };
    const gone = disk('megaraid_old', 'pci:v00001000d00000999sv0sd0bc01sc04i00');
    expect(kernel.kernel).toBe(K);
    expect(names([root('ext4', ['sda']), gone], over)).toContain('driver megaraid_old');
  });
});
