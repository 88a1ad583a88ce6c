import { describe, expect, test } from '@jest/globals';
import { readHost } from '../../../src/host/read-host.ts';
import type { HostFacts } from '../../../src/host/types.ts';
import { gatherFacts } from '../../../src/ops/gather-facts.ts';
import { selectTargets } from '../../../src/ops/select-targets.ts';
import { ahci, blockDevice, makeRoot, mountinfo, partition, VIRTIO, type BusDevice, type Layout } from './roots.ts';

const host = (...layouts: Layout[]): Promise<HostFacts> => readHost(makeRoot(...layouts));
const fs = (uuid: string, type = 'ext4'): string[] => [`E:ID_FS_UUID=${uuid}`, `E:ID_FS_TYPE=${type}`];
const drivers = ({ storage }: HostFacts, id: string) =>
  storage.nodes.find((node) => node.id === id)?.drivers.map(({ name }) => name);
const layers = ({ storage }: HostFacts) => storage.nodes.map(({ id, kind, below }) => [id, kind, ...below]);

describe('a partition on a virtio disk', () => {
  const disk = blockDevice('vda', '254:0', VIRTIO);
  const root = partition(disk, 'vda1', '254:1', [
    'S:disk/by-uuid/3f5e-1',
    'S:disk/by-partlabel/root\\x20fs',
    ...fs('3f5e-1'),
    'E:ID_PART_ENTRY_UUID=6d1c-01',
  ]);
  const running = host(disk, root, mountinfo(['254:1', '/', 'ext4', '/dev/vda1']));

  test('is followed from / to the bus', async () => {
    const facts = await running;
    expect(facts.source).toBe('captured');
    expect(facts.storage.state).toBe('complete');
    expect(facts.storage.required).toEqual([{ id: 'fs:/', why: 'holds /' }]);
    expect(layers(facts)).toEqual([
      ['fs:/', 'filesystem', 'vda1'],
      ['vda', 'disk'],
      ['vda1', 'partition', 'vda'],
    ]);
    expect(facts.storage.nodes[1]).toMatchObject({ type: 'virtio', name: '/dev/vda' });
    expect(facts.storage.nodes[2]).toMatchObject({ partuuid: '6d1c-01', uuid: '3f5e-1' });
  });

  test('has the drivers of the device and of its controller, with their modaliases', async () => {
    const [, disk] = (await running).storage.nodes;
    expect(disk?.drivers).toEqual([
      {
        name: 'virtio_blk',
        module: true,
        modalias: 'virtio:d00000002v00001AF4',
        device: '/sys/devices/pci0000:00/0000:00:05.0/virtio2',
      },
      {
        name: 'virtio_pci',
        module: false,
        modalias: 'pci:v00001AF4d00001042',
        device: '/sys/devices/pci0000:00/0000:00:05.0',
      },
    ]);
  });

  test('goes by every name that udev gave it', async () => {
    const { names } = (await running).storage;
    expect([...(names ?? [])].sort()).toEqual([
      '/dev/disk/by-partlabel/root\\x20fs',
      '/dev/disk/by-uuid/3f5e-1',
      '/dev/vda',
      '/dev/vda1',
      'PARTLABEL=root fs',
      'PARTUUID=6d1c-01',
      'UUID=3f5e-1',
    ]);
  });

  test('tells of each device what is on it', async () => {
    const { devices } = (await running).storage;
    expect(devices.map(({ id, holds }) => [id, holds])).toEqual([
      ['vda', null],
      ['vda1', 'ext4'],
    ]);
    expect(devices[1]?.names).toContain('UUID=3f5e-1');
  });

  test('goes by the names below /dev where a chroot has /dev and not /run', async () => {
    const bare = Object.fromEntries(Object.entries({ ...disk, ...root }).filter(([path]) => !path.startsWith('/run')));
    const { storage } = await host(bare, mountinfo(['254:1', '/', 'ext4', '/dev/vda1']), {
      '/dev/disk/by-uuid/3f5e-1': { link: '../../vda1' },
    });
    expect(storage.names?.has('UUID=3f5e-1')).toBe(true);
    expect(storage.nodes.find(({ id }) => id === 'vda1')?.uuid).toBe('3f5e-1');
  });

  test('goes by the names below /dev where udev has kept data of others alone', async () => {
    const dropped = Object.fromEntries(
      Object.entries({ ...disk, ...root }).filter(([path]) => !path.startsWith('/run')),
    );
    const kept = { '/run/udev/data/b253:0': 'E:DM_NAME=vg0-root\n' };
    const mounts = mountinfo(['254:1', '/', 'ext4', '/dev/vda1']);
    const { storage } = await host(dropped, kept, mounts, { '/dev/disk/by-uuid/3f5e-1': { link: '../../vda1' } });
    expect(storage.names?.has('UUID=3f5e-1')).toBe(true);
    expect((await host(dropped, kept, mounts)).storage.names).toBeNull();
  });

  test('goes by no list of names where udev left none', async () => {
    const bare = Object.fromEntries(Object.entries({ ...disk, ...root }).filter(([path]) => !path.startsWith('/run')));
    const facts = await host(bare, mountinfo(['254:1', '/', 'ext4', '/dev/vda1']));
    expect(facts.storage.names).toBeNull();
    expect(facts.storage.state).toBe('complete');
  });
});

describe('LVM on LUKS on a RAID of two SATA disks', () => {
  const [sda, sdb] = [blockDevice('sda', '8:0', ahci(1)), blockDevice('sdb', '8:16', ahci(2))];
  const luks = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
  const running = [
    sda,
    sdb,
    partition(sda, 'sda2', '8:2'),
    partition(sdb, 'sdb2', '8:18'),
    blockDevice('md127', '9:127', [], {
      files: {
        'md/level': 'raid1\n',
        'md/metadata_version': '1.2\n',
        'md/uuid': '00112233-4455-6677-8899-aabbccddeeff\n',
      },
      slaves: ['sda2', 'sdb2'],
      udev: ['S:disk/by-id/md-uuid-00112233:44556677:8899aabb:ccddeeff', `E:ID_FS_UUID=${luks}`],
    }),
    blockDevice('dm-0', '253:0', [], {
      files: {
        'dm/name': 'luks-x\n',
        'dm/uuid': `CRYPT-LUKS2-${luks.replaceAll('-', '')}-luks-x\n`,
      },
      slaves: ['md127'],
    }),
    blockDevice('dm-1', '253:1', [], {
      files: { 'dm/name': 'vg--0-root\n', 'dm/uuid': `LVM-${'a'.repeat(64)}\n` },
      slaves: ['dm-0'],
      udev: fs('root-uuid', 'xfs'),
    }),
    blockDevice('dm-2', '253:2', [], {
      files: { 'dm/name': 'vg--0-swap\n', 'dm/uuid': `LVM-${'b'.repeat(64)}\n` },
      slaves: ['dm-0'],
      udev: fs('swap-uuid', 'swap'),
    }),
    mountinfo(['253:1', '/', 'xfs', '/dev/mapper/vg--0-root']),
  ];

  test('is followed through every layer', async () => {
    const facts = await host(...running);
    expect(layers(facts)).toEqual([
      ['dm-0', 'crypt', 'md127'],
      ['dm-1', 'lvm_lv', 'dm-0'],
      ['fs:/', 'filesystem', 'dm-1'],
      ['md127', 'md', 'sda2', 'sdb2'],
      ['sda', 'disk'],
      ['sda2', 'partition', 'sda'],
      ['sdb', 'disk'],
      ['sdb2', 'partition', 'sdb'],
    ]);
    expect(drivers(facts, 'sda')).toEqual(['sd_mod', 'ahci']);
  });

  test('has the names that command lines use', async () => {
    const { storage } = await host(...running);
    const node = (id: string) => storage.nodes.find((candidate) => candidate.id === id);
    expect(node('dm-1')).toMatchObject({ vg: 'vg-0', lv: 'root', name: '/dev/mapper/vg--0-root', details: ['linear'] });
    expect(node('dm-0')).toMatchObject({ uuid: luks, type: 'luks2', name: '/dev/mapper/luks-x' });
    expect(node('md127')).toMatchObject({
      details: ['raid1'],
      type: '1.2',
      uuid: '00112233:44556677:8899aabb:ccddeeff',
    });
    expect(storage.lvs).toEqual(new Set(['vg-0/root', 'vg-0/swap']));
    expect(storage.idleLvs).toEqual(new Set());
    expect(storage.names?.has('/dev/vg-0/root')).toBe(true);
  });

  test('has the volumes that LVM has on record, active or not', async () => {
    const segment = 'segment1 {\ntype = "linear"\n}\n';
    const volume = (name: string) => `${name} {\n${segment}}\n`;
    const { storage } = await host(...running, {
      '/etc/lvm/backup/vg-0': `vg-0 {\nlogical_volumes {\n${volume('root')}${volume('old')}}\n}\n`,
      '/etc/lvm/backup/away': `away {\nlogical_volumes {\n${volume('data')}}\n}\n`,
    });
    expect(storage.idleLvs).toEqual(new Set(['vg-0/old', 'away/data']));
  });

  test('includes the swap that is resumed from', async () => {
    const { storage } = await host(...running, {
      '/proc/cmdline': 'root=/dev/mapper/vg--0-root resume=UUID=swap-uuid\n',
    });
    expect(storage.required).toEqual([
      { id: 'fs:/', why: 'holds /' },
      { id: 'swap:dm-2', why: 'is what resume=UUID=swap-uuid names', resume: 'UUID=swap-uuid' },
    ]);
    expect(storage.nodes.find(({ id }) => id === 'swap:dm-2')).toMatchObject({ kind: 'swap', below: ['dm-2'] });
  });

  test('includes the swap that another entry resumes from, which is needed with that entry alone', async () => {
    const facts = await host(...running, {
      '/proc/cmdline': 'root=/dev/mapper/vg--0-root\n',
      '/boot/grub/grub.cfg':
        'menuentry a {\nlinux /vmlinuz-2.0 root=/dev/mapper/vg--0-root\n}\nmenuentry b {\nlinux /vmlinuz-1.0 resume=UUID=swap-uuid\n}\n',
    });
    expect(facts.storage.required.map(({ id }) => id)).toEqual(['fs:/', 'swap:dm-2']);
    const neededBy = (kernel: string) =>
      selectTargets(facts, [kernel]).map((target) =>
        gatherFacts(facts, target, { facts: null, error: null }, [], null).host.storage.required.map(({ id }) => id),
      );
    expect([neededBy('2.0'), neededBy('1.0')]).toEqual([[['fs:/']], [['fs:/', 'swap:dm-2']]]);
  });

  test.each([
    ['luks-x UUID=aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee none discard\n', true],
    ['luks-x /dev/md127 - tpm2-device=auto\n', false],
    ['luks-x /dev/md127 /etc/keys/luks.key luks\n', false],
    ['other /dev/sdz none\n', true],
  ])('is unlocked as crypttab says: %s', async (crypttab, passphrase) => {
    const { storage } = await host(...running, { '/etc/crypttab': crypttab });
    expect(storage.passphrase).toBe(passphrase);
  });

  test('says that the cipher is not known where the header cannot be read', async () => {
    const { unread } = await host(...running);
    expect(unread).toContainEqual({
      part: 'storage',
      what: 'the LUKS header on md127',
      reason: '/dev/md127 is not there',
    });
  });
});

describe("device-mapper's targets", () => {
  const disk = blockDevice('vda', '254:0', VIRTIO);
  const lv = (name: string, minor: number, slaves: string[], suffix = ''): Layout =>
    blockDevice(`dm-${minor}`, `253:${minor}`, [], {
      files: { 'dm/name': `${name}\n`, 'dm/uuid': `LVM-${'a'.repeat(63)}${minor}${suffix}\n` },
      slaves,
    });

  test.each([
    [
      'thin',
      [
        lv('vg-pool_tdata', 1, ['vda'], '-tdata'),
        lv('vg-pool-tpool', 2, ['dm-1'], '-tpool'),
        lv('vg-root', 0, ['dm-2']),
      ],
    ],
    [
      'raid',
      [lv('vg-root_rimage_0', 1, ['vda']), lv('vg-root_rmeta_0', 2, ['vda']), lv('vg-root', 0, ['dm-1', 'dm-2'])],
    ],
    [
      'cache',
      [lv('vg-root_corig', 1, ['vda'], '-real'), lv('vg-c_cdata', 2, ['vda']), lv('vg-root', 0, ['dm-1', 'dm-2'])],
    ],
    ['snapshot-origin', [lv('vg-root-real', 1, ['vda'], '-real'), lv('vg-root', 0, ['dm-1'])]],
    ['linear', [lv('vg-root', 0, ['vda'])]],
  ])('are told by what a volume stands on: %s', async (target, volumes) => {
    const facts = await host(disk, ...volumes, mountinfo(['253:0', '/', 'xfs', '/dev/mapper/vg-root']));
    expect(facts.storage.nodes.find(({ id }) => id === 'dm-0')?.details).toEqual([target]);
    expect([...(facts.storage.lvs ?? [])]).toContain('vg/root');
    expect([...(facts.storage.lvs ?? [])].some((name) => /_|-/.test(name))).toBe(false);
  });
});

describe('file systems of several devices', () => {
  const [one, two] = [
    blockDevice('vda', '254:0', VIRTIO, { udev: fs('b-1', 'btrfs') }),
    blockDevice('sdb', '8:16', ahci(2)),
  ];

  test('btrfs: every member is needed', async () => {
    const facts = await host(
      one,
      two,
      mountinfo(['0:31', '/', 'btrfs', '/dev/vda', '/@']),
      { '/sys/fs/btrfs/b-1/devices/vda': { link: '../../../../class/block/vda' } },
      { '/sys/fs/btrfs/b-1/devices/sdb': { link: '../../../../class/block/sdb' } },
    );
    expect(facts.storage.nodes.find(({ id }) => id === 'fs:/')).toMatchObject({
      below: ['sdb', 'vda'],
      type: 'btrfs',
      fsRoot: '/@',
    });
    expect(facts.storage.state).toBe('complete');
  });

  test('ZFS: the members of its pool, by their label', async () => {
    const member = blockDevice('vdb', '254:16', VIRTIO, { udev: ['E:ID_FS_TYPE=zfs_member', 'E:ID_FS_LABEL=rpool'] });
    const facts = await host(member, mountinfo(['0:31', '/', 'zfs', 'rpool/ROOT/debian']));
    expect(facts.storage.nodes.find(({ id }) => id === 'fs:/')).toMatchObject({ type: 'zfs', below: ['vdb'] });
  });

  test('ZFS without a member that udev knows: not known, and said so', async () => {
    const facts = await host(one, mountinfo(['0:31', '/', 'zfs', 'rpool/ROOT/debian']));
    expect(facts.storage.state).toBe('unknown');
    expect(facts.unread.map(({ what }) => what)).toContain('what / stands on');
  });
});

describe('disks behind other buses', () => {
  const mounted = (name: string, number: string, chain: readonly BusDevice[], more: Layout = {}): Promise<HostFacts> =>
    host(blockDevice(name, number, chain), mountinfo([number, '/', 'ext4', `/dev/${name}`]), more);
  const usb: readonly BusDevice[] = [
    { at: 'pci0000:00' },
    { at: '0000:00:14.0', driver: 'xhci_hcd', module: 'xhci_pci' },
    { at: 'usb1', driver: 'usb', module: 'usbcore' },
    { at: '1-1', driver: 'usb', module: 'usbcore' },
    { at: '1-1:1.0', driver: 'uas', module: 'uas' },
    { at: 'host6/target6:0:0' },
    { at: '6:0:0:0', driver: 'sd', module: 'sd_mod' },
  ];

  test.each([
    ['usb', 'sdc', usb, ['sd_mod', 'uas', 'usbcore', 'usbcore', 'xhci_pci']],
    [
      'nvme',
      'nvme0n1',
      [
        { at: 'pci0000:00' },
        { at: '0000:00:1d.0', driver: 'pcieport' },
        { at: '0000:01:00.0', driver: 'nvme', module: 'nvme', modalias: 'pci:v0000144Dd0000A808' },
        { at: 'nvme/nvme0' },
      ],
      ['nvme'],
    ],
    [
      'hyperv',
      'sda',
      [
        { at: 'LNXSYSTM:00/LNXSYBUS:00/ACPI0004:00' },
        { at: 'VMBUS:00', driver: 'vmbus', module: 'hv_vmbus' },
        { at: 'f8b3781a-1e82-4818-a1c3-63d806ec15bb', driver: 'hv_storvsc', module: 'hv_storvsc' },
        { at: 'host0/target0:0:0' },
        { at: '0:0:0:0', driver: 'sd', module: 'sd_mod' },
      ],
      ['sd_mod', 'hv_storvsc', 'hv_vmbus'],
    ],
    ['xen', 'xvda', [{ at: 'vbd-51712', driver: 'vbd', module: 'xen_blkfront' }], ['xen_blkfront']],
    [
      'mmc',
      'mmcblk0',
      [
        { at: 'platform/soc' },
        { at: 'fe340000.mmc', driver: 'sdhci-iproc', module: 'sdhci_iproc' },
        { at: 'mmc_host/mmc0' },
        { at: 'mmc0:aaaa', driver: 'mmcblk', module: 'mmc_block' },
      ],
      ['mmc_block', 'sdhci_iproc'],
    ],
  ])('%s', async (transport, name, chain, expected) => {
    const facts = await mounted(name, '8:32', chain);
    expect(facts.storage.nodes.find(({ kind }) => kind === 'disk')?.type).toBe(transport);
    expect(drivers(facts, name)).toEqual(expected);
    expect(facts.storage.state).toBe('complete');
  });

  test('NVMe with several paths: the drivers of each controller', async () => {
    const subsystem = '/sys/devices/virtual/nvme-subsystem/nvme-subsys0';
    const controller = (slot: string, name: string): Layout => ({
      [`/sys/devices/pci0000:00/${slot}/driver`]: { link: '../../../bus/pci/drivers/nvme' },
      [`/sys/devices/pci0000:00/${slot}/nvme/${name}/dev`]: '1:1',
      [`${subsystem}/${name}`]: { link: `../../../pci0000:00/${slot}/nvme/${name}` },
    });
    const disk = blockDevice('nvme0n1', '259:0', [{ at: 'virtual/nvme-subsystem/nvme-subsys0' }]);
    // The kernel puts the namespace right below its subsystem.
    const direct = Object.entries(disk).map(([path, content]): [string, Layout[string]] => [
      path.replace('/block/nvme0n1', '/nvme0n1'),
      content !== null && typeof content === 'object' && 'link' in content
        ? { link: content.link.replace('/block/nvme0n1', '/nvme0n1') }
        : content,
    ]);
    const module = {
      '/sys/bus/pci/drivers/nvme/module': { link: '../../../../module/nvme' },
      '/sys/module/nvme': null,
    };
    const facts = await host(
      { ...Object.fromEntries(direct), '/sys/class/block/nvme0n1': { link: `../../..${subsystem}/nvme0n1` } },
      controller('0000:01:00.0', 'nvme0'),
      controller('0000:02:00.0', 'nvme1'),
      module,
      mountinfo(['259:0', '/', 'ext4', '/dev/nvme0n1']),
    );
    const disks = facts.storage.nodes.find(({ kind }) => kind === 'disk');
    expect(disks?.drivers.map(({ name, device }) => [name, device])).toEqual([
      ['nvme', '/sys/devices/pci0000:00/0000:01:00.0'],
      ['nvme', '/sys/devices/pci0000:00/0000:02:00.0'],
    ]);
    expect(facts.storage.state).toBe('complete');
  });

  test('a disk whose drivers are not shown is not followed to the end, and that is said', async () => {
    const facts = await mounted('sda', '8:0', [{ at: 'platform/odd' }]);
    expect(facts.storage.state).toBe('partial');
    expect(facts.unread.map(({ what }) => what)).toContain('drivers of sda');
  });

  test('iSCSI: the initiator and the network card that the target is reached by', async () => {
    const facts = await mounted(
      'sda',
      '8:0',
      [{ at: 'platform/host2/session1/target2:0:0' }, { at: '2:0:0:0', driver: 'sd', module: 'sd_mod' }],
      {
        '/sys/devices/platform/host2/scsi_host/host2/proc_name': 'iscsi_tcp\n',
        '/sys/class/iscsi_connection/connection1:0/persistent_address': '192.0.2.9\n',
        '/proc/net/route':
          'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n' +
          'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n' +
          'eth1\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n',
        '/sys/class/net/eth1': { link: '../../devices/pci0000:00/0000:00:07.0/net/eth1' },
        '/sys/devices/pci0000:00/0000:00:07.0/net/eth1/device': { link: '../../../0000:00:07.0' },
        '/sys/devices/pci0000:00/0000:00:07.0/driver': { link: '../../../bus/pci/drivers/e1000e' },
        '/sys/bus/pci/drivers/e1000e/module': { link: '../../../../module/e1000e' },
        '/sys/module/e1000e': null,
      },
    );
    expect(facts.storage.nodes.find(({ kind }) => kind === 'disk')?.type).toBe('iscsi');
    expect(drivers(facts, 'sda')).toEqual(['sd_mod', 'iscsi_tcp', 'e1000e']);
  });

  test('NFS: a file system without a disk', async () => {
    const facts = await host(mountinfo(['0:40', '/', 'nfs4', '192.0.2.9:/export']), { '/sys/class/block': null });
    expect(facts.storage.nodes).toMatchObject([
      { id: 'fs:/', kind: 'network', type: 'nfs4', name: '192.0.2.9:/export' },
    ]);
    expect(facts.storage.state).toBe('complete');
  });
});

test('an overlay as / is a container or a live system: what it stands on is not known', async () => {
  const facts = await host(mountinfo(['0:50', '/', 'overlay', 'overlay']), { '/sys/class/block': null });
  expect(facts.storage.state).toBe('unknown');
  expect(facts.unread).toContainEqual({
    part: 'storage',
    what: 'what / stands on',
    reason: "it is overlay: a container or a live system, and no disk's file system",
  });
});

test('a USB keyboard is told by its keys, with the drivers below it', async () => {
  const hid = '/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/0003:046D:C31C.0001';
  const facts = await host(mountinfo(['0:50', '/', 'overlay', 'overlay']), {
    '/sys/class/input/input5': { link: `../../devices${hid.slice('/sys/devices'.length)}/input/input5` },
    [`${hid}/input/input5/capabilities/key`]: '1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe\n',
    [`${hid}/driver`]: { link: '../../../../../../../bus/hid/drivers/hid-generic' },
    '/sys/bus/hid/drivers/hid-generic/module': { link: '../../../../module/hid_generic' },
    '/sys/module/hid_generic': null,
    '/sys/class/input/input1': { link: '../../devices/LNXSYSTM:00/LNXPWRBN:00/input/input1' },
    '/sys/devices/LNXSYSTM:00/LNXPWRBN:00/input/input1/capabilities/key': '10000000000000 0\n',
  });
  expect(facts.storage.keyboards.map(({ name }) => name)).toEqual(['hid_generic']);
});

describe('a host that does not run here', () => {
  test('tells of its storage by fstab and by what its default entry says', async () => {
    const facts = await host({
      '/etc/fstab': '/dev/mapper/cs-root / xfs defaults 0 0\n/dev/mapper/cs-swap none swap defaults 0 0\n',
      '/boot/grub2/grub.cfg':
        "menuentry 'x' {\nlinux /vmlinuz-5.14.0 root=/dev/mapper/cs-root rd.luks.uuid=luks-abc rd.lvm.lv=cs/root\n}\n",
    });
    expect(facts.source).toBe('offline');
    expect(facts.storage).toMatchObject({ state: 'partial', names: null, lvs: null });
    expect(layers(facts)).toEqual([
      ['cs/root', 'lvm_lv', 'luks-abc'],
      ['fs:/', 'filesystem', 'cs/root'],
      ['luks-abc', 'crypt'],
    ]);
    expect(facts.unread.map(({ part }) => part)).toContain('storage');
  });

  test.each([
    ['/dev/vda2 / ext4', ['fs:/', 'vda', 'vda2']],
    ['/dev/nvme0n1p3 / ext4', ['fs:/', 'nvme0n1', 'nvme0n1p3']],
    ['/dev/md0 / ext4', ['fs:/', 'md0']],
    ['/dev/vg0/root / ext4', ['fs:/', 'vg0/root']],
    ['UUID=1 / ext4', ['fs:/']],
    ['server:/export / nfs4', ['fs:/']],
  ])('%s', async (line, ids) => {
    const facts = await host({ '/etc/fstab': `${line}\n` });
    expect(facts.storage.nodes.map(({ id }) => id)).toEqual(ids);
  });
});
