import { describe, expect, test } from '@jest/globals';
import { lvUnknown } from '../../../../src/boot/checks/lv-unknown.ts';
import { resumeUnknown } from '../../../../src/boot/checks/resume-unknown.ts';
import { rootUnknown } from '../../../../src/boot/checks/root-unknown.ts';
import { CMDLINE, facts, node, virtioDisk } from '../facts.ts';
import { type FileSpec } from '../image.ts';
import { observe, severities } from '../observe.ts';

const EXECUTABLE: FileSpec = { mode: 0o100755, size: 4_096 };
const INITRAMFS_TOOLS = { generator: 'initramfs-tools', dracut: null } as const;
const NOTHING = { defects: [], unknowns: [] };
const GONE = 'UUID=99999999-0000-4000-8000-000000000009';

describe('root=', () => {
  test('that names no device of this host is fatal, with what / is instead', () => {
    expect(observe(rootUnknown, facts({ cmdline: `root=${GONE} ro` })).defects).toEqual([
      {
        defect: true,
        message: `root=${GONE} names a device that this host does not have.`,
        evidence: {
          root: GONE,
          fstab: '/dev/mapper/vg0-root',
          entry: expect.any(String),
          entry_source: expect.stringContaining('/boot/loader/entries/'),
          frozen_in: [],
          root_file_system: 'bbbbbbbb-0000-4000-8000-000000000002',
        },
      },
    ]);
  });

  test.each([
    'root=UUID=bbbbbbbb-0000-4000-8000-000000000002',
    'root="UUID=bbbbbbbb-0000-4000-8000-000000000002"',
    'root=/dev/vg0/root',
    'root=/dev/dm-0',
    `root=${GONE} root=/dev/vg0/root`,
    'root=live:CDLABEL=Fedora',
    'root=/dev/nfs nfsroot=server:/export',
  ])('%s is sound', (cmdline) => {
    expect(observe(rootUnknown, facts({ cmdline }))).toEqual(NOTHING);
  });

  describe('with a UUID in letters of the other case', () => {
    const UPPER = 'root=UUID=BBBBBBBB-0000-4000-8000-000000000002';
    const running = { cmdlines: { running: UPPER, kernelInstall: null } };
    const script = (line: string) => ({
      'usr/lib/systemd/systemd': null,
      'usr/lib/dracut-lib.sh': { text: `label_uuid_to_dev() {\n    case "$_dev" in\n${line}\n    esac\n}\n` },
    });
    const LITERAL = script('        UUID=*)\n            echo "/dev/disk/by-uuid/${_dev#UUID=}"\n            ;;');
    const LOWER = script(
      '        UUID=*)\n            echo "/dev/disk/by-uuid/$(lower "${_dev#UUID=}")"\n            ;;',
    );

    /** / on the partition that the PARTUUID is of. */
    const onPartition = {
      storage: {
        nodes: [
          ...[node({ id: 'fs:/', kind: 'filesystem', type: 'ext4', mountPoints: ['/'], below: ['vda2'] })],
          ...[node({ id: 'vda2', kind: 'partition', name: '/dev/vda2', below: ['vda'] }), virtioDisk()],
        ],
        devices: [],
      },
    };

    test.each([
      [UPPER, 'UUID=bbbbbbbb-0000-4000-8000-000000000002'],
      ['root=PARTUUID=CCCCCCCC-0000-4000-8000-000000000003', 'PARTUUID=cccccccc-0000-4000-8000-000000000003'],
      ['root=/dev/disk/by-uuid/BBBBBBBB-0000-4000-8000-000000000002', 'UUID=bbbbbbbb-0000-4000-8000-000000000002'],
    ])('is not found by systemd, which waits for that very link: %s', (cmdline, spelled) => {
      const host = facts({ cmdline, ...onPartition });
      expect(observe(rootUnknown, host).defects).toMatchObject([
        { evidence: { root: cmdline.slice('root='.length), spelled } },
      ]);
      expect(severities(rootUnknown, host)).toEqual(['fatal']);
    });

    test('is not found by scripts of dracut that take it as it is', () => {
      expect(severities(rootUnknown, facts({ cmdline: UPPER, image: { files: LITERAL } }))).toEqual(['fatal']);
    });

    test.each([
      ['dracut’s scripts make it over', { image: { files: LOWER } }],
      [
        'initramfs-tools made the image',
        { image: { files: { 'usr/lib/systemd/systemd': null }, over: INITRAMFS_TOOLS } },
      ],
      ['the host has come up so', { host: running }],
    ])('is not decided where %s', (_, spec) => {
      const { defects, unknowns } = observe(rootUnknown, facts({ cmdline: UPPER, ...spec }));
      expect([defects.length, unknowns.length]).toEqual([0, 1]);
    });

    test('is found where others than systemd found it before', () => {
      const spec = { cmdline: UPPER, host: running, image: { files: LOWER } };
      expect(observe(rootUnknown, facts(spec))).toEqual(NOTHING);
    });

    test('is found by the kernel alone, and where udev spells it so', () => {
      const bare = { cmdline: 'root=PARTUUID=CCCCCCCC-0000-4000-8000-000000000003', image: null, ...onPartition };
      expect(observe(rootUnknown, facts(bare))).toEqual(NOTHING);
      const names = new Set([...facts().host.storage.names!, 'UUID=1A2B-3C4D']);
      expect(observe(rootUnknown, facts({ cmdline: 'root=UUID=1A2B-3C4D', storage: { names } }))).toEqual(NOTHING);
      expect(severities(rootUnknown, facts({ cmdline: 'root=UUID=1a2b-3c4d', storage: { names } }))).toEqual(['fatal']);
    });
  });

  test('is taken from the image where dracut froze it there', () => {
    const files = { 'etc/cmdline.d/95root-dev.conf': { text: ' root=/dev/mapper/vg0-root rootfstype=ext4\n' } };
    expect(observe(rootUnknown, facts({ cmdline: 'quiet', image: { files } }))).toEqual(NOTHING);
    const stale = { 'etc/cmdline.d/95root-dev.conf': { text: ` root=${GONE}\n` } };
    expect(
      observe(rootUnknown, facts({ cmdline: 'quiet', image: { files: stale } })).defects[0]?.evidence,
    ).toMatchObject({
      root: GONE,
      frozen_in: ['etc/cmdline.d/95root-dev.conf'],
    });
  });

  test('on the command line wins over what the image brings', () => {
    const files = { 'etc/cmdline.d/95root-dev.conf': { text: ` root=${GONE}\n` } };
    expect(observe(rootUnknown, facts({ image: { files } }))).toEqual(NOTHING);
  });

  test('is fatal to leave out', () => {
    expect(observe(rootUnknown, facts({ cmdline: 'ro quiet' })).defects[0]?.message).toBe(
      'The command line has no root=, and nothing in the image stands in for it.',
    );
    expect(severities(rootUnknown, facts({ cmdline: 'ro quiet', image: { over: INITRAMFS_TOOLS } }))).toEqual([
      'fatal',
    ]);
  });

  test.each([
    ['initramfs-tools has it in its settings', { 'conf/param.conf': { text: 'ROOT=/dev/vda2\n' } }],
    ['the image’s fstab has it', { 'etc/fstab': { text: '# /sysroot\n/dev/vda2 /sysroot ext4 ro 0 0\n' } }],
  ])('may be left out where %s', (_, files) => {
    expect(observe(rootUnknown, facts({ cmdline: 'ro quiet', image: { files } }))).toEqual(NOTHING);
  });

  test('may be left out where systemd finds it by its partition type, and the host came up that way', () => {
    const files = { 'usr/lib/systemd/system-generators/systemd-gpt-auto-generator': EXECUTABLE };
    const came = (running: string | null) =>
      facts({
        cmdline: 'ro quiet',
        image: { files },
        host: { cmdlines: { running, kernelInstall: null } },
        storage: { state: 'unknown', nodes: [] },
      });
    expect(observe(rootUnknown, came('ro quiet'))).toEqual(NOTHING);
    for (const running of ['root=UUID=1 ro', null])
      expect(observe(rootUnknown, came(running))).toMatchObject({
        defects: [],
        unknowns: [{ what: 'whether systemd finds the root file system by the type of its partition' }],
      });
  });

  test.each([
    ['a partition', ['partition'], []],
    ['a partition, encrypted', ['crypt', 'partition'], []],
    ['a whole disk', ['disk'], ['fatal']],
    ['a volume of LVM', ['lvm_lv', 'partition'], ['fatal']],
    ['a share', [], ['fatal']],
  ] as const)('left out with / on %s is found by systemd or not', (_, kinds, told) => {
    const layers = ['fs:/', ...kinds.map((kind, at) => `${kind}${at}`)];
    const nodes = layers.map((id, at) =>
      node({
        id,
        kind: kinds[at - 1] ?? (kinds.length === 0 ? 'network' : 'filesystem'),
        mountPoints: at === 0 ? ['/'] : [],
        below: layers.slice(at + 1, at + 2),
      }),
    );
    const files = { 'usr/lib/systemd/system-generators/systemd-gpt-auto-generator': EXECUTABLE };
    const seen = observe(rootUnknown, facts({ cmdline: 'ro quiet', image: { files }, storage: { nodes } }));
    expect({ fatal: seen.defects.length, unknown: seen.unknowns.length }).toEqual({
      fatal: told.length,
      unknown: 1 - told.length,
    });
  });

  test('may name a share of the hypervisor', () => {
    const share = node({ id: 'fs:/', kind: 'network', type: '9p', name: 'shared', mountPoints: ['/'] });
    const on = (cmdline: string) => facts({ cmdline, storage: { nodes: [share] } });
    expect(observe(rootUnknown, on('root=virtfs:shared ro'))).toEqual(NOTHING);
    expect(observe(rootUnknown, on('root=virtfs:other ro')).defects).toMatchObject([
      { message: 'root=virtfs:other names another share than shared, which / is on.' },
    ]);
    expect(observe(rootUnknown, facts({ cmdline: 'root=virtfs:other ro' }))).toEqual(NOTHING);
  });

  test('is borne out by fstab where devices are not known by name', () => {
    const storage = { names: null, lvs: null, nodes: [] };
    expect(observe(rootUnknown, facts({ storage }))).toEqual(NOTHING);
    expect(observe(rootUnknown, facts({ storage, cmdline: 'root=/dev/sda1' }))).toMatchObject({
      defects: [],
      unknowns: [{ what: 'whether root=/dev/sda1 is there' }],
    });
  });

  test.each([
    ['the command line is not known', { cmdline: null }, 'its command line is not known'],
    [
      'the entry’s variables are not',
      { cmdline: 'ro', entry: { unresolved: ['kernelopts'] } },
      'the entry has variables that are not known: kernelopts',
    ],
    [
      'nobody knows how the image goes about it',
      { cmdline: 'ro', image: { over: { generator: null, dracut: null } } },
      'the command line has no root=',
    ],
  ])('is not known where %s', (_, spec, reason) => {
    expect(observe(rootUnknown, facts(spec))).toMatchObject({ defects: [], unknowns: [{ reason }] });
  });
});

describe('rd.lvm.lv=', () => {
  test('of a volume that was removed makes dracut wait until it gives up', () => {
    expect(observe(lvUnknown, facts({ cmdline: `${CMDLINE} rd.lvm.lv=vg0/swap` })).defects).toEqual([
      {
        defect: true,
        message: 'rd.lvm.lv=vg0/swap names a logical volume that this host does not have; dracut waits for it.',
        evidence: { word: 'rd.lvm.lv=vg0/swap', logical_volumes: ['vg0/root'], frozen_in: [] },
      },
    ]);
  });

  test('is looked for in the image too', () => {
    const files = { 'etc/cmdline.d/90lvm.conf': { text: ' rd.lvm.lv=vg0/old \n' } };
    expect(observe(lvUnknown, facts({ image: { files } })).defects[0]?.evidence.frozen_in).toEqual([
      'etc/cmdline.d/90lvm.conf',
    ]);
  });

  test('means nothing to initramfs-tools, or with rd.lvm=0', () => {
    expect(
      observe(lvUnknown, facts({ cmdline: 'root=/dev/vda2 rd.lvm.lv=vg0/swap', image: { over: INITRAMFS_TOOLS } })),
    ).toEqual(NOTHING);
    expect(observe(lvUnknown, facts({ cmdline: 'root=/dev/vda2 rd.lvm.lv=vg0/swap rd.lvm=0' }))).toEqual(NOTHING);
  });

  test('of a volume group counts by its name', () => {
    expect(observe(lvUnknown, facts({ cmdline: 'rd.lvm.vg=vg0' }))).toEqual(NOTHING);
    expect(severities(lvUnknown, facts({ cmdline: 'rd.lvm.vg=vg9' }))).toEqual(['fatal']);
  });

  test.each(['rd.lvm.lv=vg0/swap', 'rd.lvm.lv=vg9/data', 'rd.lvm.vg=vg9'])(
    'is not decided where LVM has it on record and it is not active: %s',
    (word) => {
      const storage = { idleLvs: new Set(['vg0/swap', 'vg9/data']) };
      expect(observe(lvUnknown, facts({ cmdline: `${CMDLINE} ${word}`, storage }))).toMatchObject({
        defects: [],
        unknowns: [
          { what: expect.stringContaining(word) as unknown, reason: 'it is not active, and /etc/lvm/backup has it' },
        ],
      });
    },
  );

  test('is not decided where the volumes are not known', () => {
    expect(observe(lvUnknown, facts({ storage: { lvs: null } }))).toMatchObject({
      defects: [],
      unknowns: [{ what: 'whether vg0/root (rd.lvm) exist' }],
    });
  });
});

describe('resume=', () => {
  const gone = { cmdline: `${CMDLINE} resume=${GONE}` };
  const systemd = (version: string) => ({
    [`usr/lib/systemd/libsystemd-shared-${version}.so`]: { size: 4_096 },
    'usr/lib/systemd/system-generators/systemd-hibernate-resume-generator': EXECUTABLE,
    'usr/lib/systemd/system/systemd-hibernate-resume@.service': { size: 200 },
  });

  test('of a swap that was replaced delays the boot', () => {
    expect(severities(resumeUnknown, facts({ ...gone, image: { files: systemd('239') } }))).toEqual(['warning']);
    expect(severities(resumeUnknown, facts({ ...gone, image: { over: INITRAMFS_TOOLS } }))).toEqual(['warning']);
  });

  test.each(['247', '252', '257'])('stops it with systemd %s, which waits without end', (version) => {
    const { defects } = observe(resumeUnknown, facts({ ...gone, image: { files: systemd(version) } }));
    expect(defects[0]).toMatchObject({ severity: 'fatal', evidence: { resume: GONE, systemd: Number(version) } });
  });

  test('stops it where the UUID is in letters of the other case', () => {
    const cmdline = `${CMDLINE} resume=UUID=AAAAAAAA-0000-4000-8000-000000000001`;
    const { defects } = observe(resumeUnknown, facts({ cmdline, image: { files: systemd('252') } }));
    expect(defects).toMatchObject([
      {
        severity: 'fatal',
        message: expect.stringContaining('udev spells it UUID=aaaaaaaa-0000-4000-8000-000000000001'),
      },
    ]);
    expect(observe(resumeUnknown, facts({ cmdline, image: { over: INITRAMFS_TOOLS } }))).toEqual(NOTHING);
  });

  test('only delays it where the image has nothing that would wait', () => {
    const unitless = Object.entries(systemd('252')).filter(([path]) => !path.endsWith('.service'));
    const image = { files: Object.fromEntries(unitless) };
    expect(severities(resumeUnknown, facts({ ...gone, image }))).toEqual(['warning']);
  });

  test('with a limit of its own on the command line is not decided', () => {
    const cmdline = `${CMDLINE} resume=${GONE} rootflags=noatime,x-systemd.device-timeout=10`;
    const { defects, unknowns } = observe(resumeUnknown, facts({ cmdline, image: { files: systemd('252') } }));
    expect([defects.length, unknowns.length]).toEqual([0, 1]);
  });

  test.each([
    `${CMDLINE} resume=${GONE} noresume`,
    `${CMDLINE} resume=/dev/zram0`,
    `${CMDLINE} resume=none`,
    `${CMDLINE} resume=/dev/vda1`,
    CMDLINE,
  ])('is no matter in %s', (cmdline) => {
    expect(observe(resumeUnknown, facts({ cmdline, image: { files: systemd('257') } }))).toEqual(NOTHING);
  });
});
