import { describe, expect, test } from '@jest/globals';
import { rootUnknown } from '../../../../src/boot/checks/root-unknown.ts';
import type { NamedDevice, StorageFacts } from '../../../../src/host/types.ts';
import { facts, node, soundStorage, virtioDisk, type FactsSpec } from '../facts.ts';
import { observe } from '../observe.ts';

const NOTHING = { defects: [], unknowns: [] };
const UUID = 'bbbbbbbb-0000-4000-8000-000000000002';
const SWAP = 'UUID=dddddddd-0000-4000-8000-000000000004';
const UNREADABLE = { path: '/boot/initrd', kind: 'unreadable', reason: 'EIO' } as const;
const other = (generator: 'mkinitcpio') => ({ over: { generator, dracut: null } });

/** The host, with a device more. */
function with1(holds: string | null, cmdline: string, over: FactsSpec = {}): FactsSpec {
  const sound = soundStorage();
  const names = ['/dev/vdb1', SWAP];
  const storage: Partial<StorageFacts> = {
    devices: [...sound.devices, { id: 'vdb1', names, holds }],
    names: new Set([...(sound.names ?? []), ...names]),
  };
  return { cmdline, storage, ...over };
}

/** `/` on a partition of a disk, with what is said of the partitions. */
function plain(cmdline: string, devices: readonly NamedDevice[] = [], over: Partial<StorageFacts> = {}): FactsSpec {
  const nodes = [
    node({ id: 'fs:/', kind: 'filesystem', type: 'ext4', mountPoints: ['/'], uuid: UUID, below: ['vda2'] }),
    node({ id: 'vda2', kind: 'partition', uuid: UUID, below: ['vda'] }),
    virtioDisk(),
  ];
  return { cmdline, storage: { nodes, devices, ...over } };
}

/** `/` in a LUKS container on a partition. */
function onLuks(cmdline: string): FactsSpec {
  const container = 'eeeeeeee-0000-4000-8000-00000000000e';
  const nodes = [
    node({ id: 'fs:/', kind: 'filesystem', type: 'ext4', mountPoints: ['/'], uuid: UUID, below: ['dm-0'] }),
    node({ id: 'dm-0', kind: 'crypt', name: '/dev/mapper/vg0-root', uuid: container, below: ['vda2'] }),
    node({ id: 'vda2', kind: 'partition', name: '/dev/vda2', below: ['vda'] }),
    virtioDisk(),
  ];
  const devices = [{ id: 'vda2', names: ['/dev/vda2', `UUID=${container}`], holds: 'crypto_LUKS' }];
  const names = new Set([...(soundStorage().names ?? []), `UUID=${container}`]);
  return { cmdline, storage: { nodes, devices, names } };
}

describe('root= that names a device which is there and is not that of /', () => {
  test.each([
    ['the physical volume that / is in', facts({ cmdline: 'root=/dev/vda2 ro' }), '/dev/vda2', 'LVM2_member'],
    [
      'the same by its partition',
      facts({ cmdline: 'root=PARTUUID=cccccccc-0000-4000-8000-000000000003' }),
      '/dev/vda2',
      'LVM2_member',
    ],
    ['a swap space', facts(with1('swap', `root=${SWAP}`)), '/dev/vdb1', 'swap'],
    ['an encrypted disk', facts(with1('crypto_LUKS', `root=${SWAP}`)), '/dev/vdb1', 'crypto_LUKS'],
    ['the EFI partition', facts(with1('vfat', 'root=/dev/vdb1')), '/dev/vdb1', 'vfat'],
    [
      'the encrypted disk that / is in',
      facts(onLuks('root=UUID=eeeeeeee-0000-4000-8000-00000000000e')),
      '/dev/vda2',
      'crypto_LUKS',
    ],
    ['the whole disk that / is a partition of', facts(plain('root=/dev/vda ro')), '/dev/vda', 'partitions'],
  ])('is fatal for %s', (_, given, device, holds) => {
    expect(observe(rootUnknown, given)).toMatchObject({
      defects: [{ evidence: { device, holds, root_device: expect.stringMatching(/vg0-root|vda2/) } }],
      unknowns: [],
    });
  });

  test('is not known to be wrong for another file system, which may hold another system', () => {
    const boot = 'root=UUID=aaaaaaaa-0000-4000-8000-000000000001';
    expect(observe(rootUnknown, facts({ cmdline: boot }))).toEqual({
      defects: [],
      unknowns: [
        {
          defect: false,
          what: `whether ${boot} leads to /`,
          reason: 'it names /dev/vda1 (ext4), and / is on /dev/mapper/vg0-root',
        },
      ],
    });
  });

  test.each([
    ['the host came up by the same word', with1('swap', 'root=/dev/vdb1', { host: { cmdlines: came('/dev/vdb1') } })],
    ['a generator of another kind takes it', with1('swap', `root=${SWAP}`, { image: other('mkinitcpio') })],
    ['the image’s own fstab mounts /', with1('swap', `root=${SWAP}`, { image: sysroot() })],
    ['a member of an array may show its file system', with1('linux_raid_member', 'root=/dev/vdb1')],
    ['the image could not be read', with1('swap', `root=${SWAP}`, { imageError: UNREADABLE })],
  ])('is unknown where %s', (_, spec) => {
    expect(observe(rootUnknown, facts(spec))).toMatchObject({ defects: [], unknowns: [{}] });
  });

  test.each([
    [
      'a snapshot with the same UUID',
      plain(`root=UUID=${UUID}`, [{ id: 'dm-7', names: [`UUID=${UUID}`], holds: null }]),
    ],
    [
      'one path of several',
      {
        cmdline: 'root=/dev/sda ro',
        storage: {
          nodes: [
            node({ id: 'fs:/', kind: 'filesystem', type: 'xfs', mountPoints: ['/'], below: ['dm-0'] }),
            node({ id: 'dm-0', kind: 'multipath', below: ['sda', 'sdb'] }),
            node({ id: 'sda', kind: 'disk' }),
            node({ id: 'sdb', kind: 'disk' }),
          ],
          devices: [{ id: 'sda', names: ['/dev/sda'], holds: 'mpath_member' }],
        },
      },
    ],
    [
      'one disk of a btrfs on two',
      {
        cmdline: 'root=/dev/vdb ro',
        storage: {
          nodes: [
            node({ id: 'fs:/', kind: 'filesystem', type: 'btrfs', mountPoints: ['/'], below: ['vda', 'vdb'] }),
            virtioDisk(),
            virtioDisk('vdb'),
          ],
          devices: [{ id: 'vdb', names: ['/dev/vdb'], holds: 'btrfs' }],
        },
      },
    ],
    [
      'a root that an overlay covers',
      { cmdline: 'root=/dev/vda2', storage: { nodes: [node({ id: 'fs:/', kind: 'filesystem', mountPoints: ['/'] })] } },
    ],
    ['a host whose devices are not known', { cmdline: 'root=/dev/vda2', storage: { names: null } }],
  ] satisfies readonly (readonly [string, FactsSpec])[])('is silent for %s', (_, spec) => {
    expect(observe(rootUnknown, facts(spec))).toEqual(NOTHING);
  });

  test('is fatal for a member whose array begins it with its own', () => {
    const nodes = [
      node({ id: 'fs:/', kind: 'filesystem', type: 'ext4', mountPoints: ['/'], below: ['md0'] }),
      node({ id: 'md0', kind: 'md', type: '1.2', below: ['vda2'] }),
      node({ id: 'vda2', kind: 'partition', below: ['vda'] }),
      virtioDisk(),
    ];
    expect(observe(rootUnknown, facts({ cmdline: 'root=/dev/vda2', storage: { nodes } })).defects).toMatchObject([
      { evidence: { holds: 'linux_raid_member' } },
    ]);
    const old = nodes.map((each) => (each.kind === 'md' ? { ...each, type: '1.0' } : each));
    expect(observe(rootUnknown, facts({ cmdline: 'root=/dev/vda2', storage: { nodes: old } }))).toMatchObject({
      defects: [],
      unknowns: [{}],
    });
  });
});

describe('root= of another kind than /', () => {
  const on = (type: string, name: string, kind: 'filesystem' | 'network' = 'filesystem') => ({
    nodes: [node({ id: 'fs:/', kind, type, name, mountPoints: ['/'], below: kind === 'network' ? [] : ['vda'] })],
  });
  test.each([
    ['root=ZFS=rpool/ROOT/debian', on('zfs', 'rpool/ROOT/debian')],
    ['root=zfs:rpool', on('zfs', 'rpool/ROOT/debian')],
    ['root=ZFS=AUTO', on('zfs', 'rpool/ROOT/debian')],
    ['root=nfs:server:/export', on('nfs4', '192.0.2.1:/export', 'network')],
    ['root=live:CDLABEL=Fedora', on('ext4', '/dev/vda')],
  ])('%s is sound where it fits', (cmdline, storage) => {
    expect(observe(rootUnknown, facts({ cmdline, storage }))).toEqual(NOTHING);
  });

  test.each([
    ['root=ZFS=rpool/ROOT/old', on('zfs', 'rpool/ROOT/debian'), '/ is zfs on rpool/ROOT/debian'],
    ['root=zfs:rpool/ROOT', on('ext4', '/dev/vda2'), '/ is ext4 on /dev/vda2'],
    ['root=nfs:server:/export', on('ext4', '/dev/vda2'), '/ is ext4 on /dev/vda2'],
  ])('%s is unknown where it does not', (cmdline, storage, reason) => {
    expect(observe(rootUnknown, facts({ cmdline, storage }))).toMatchObject({ defects: [], unknowns: [{ reason }] });
  });
});

function sysroot() {
  return { files: { 'etc/fstab': { text: '/dev/vda9 /sysroot ext4 ro 0 0\n' } } };
}
function came(root: string) {
  return { running: `root=${root} ro`, kernelInstall: null };
}
