import { describe, expect, test } from '@jest/globals';
import { lvmPassedOver } from '../../../../src/boot/checks/lvm-passed-over.ts';
import { readLvmConf } from '../../../../src/boot/lvm-conf.ts';
import { passesFilter } from '../../../../src/boot/lvm-filter.ts';
import { facts, node, soundStorage, type FactsSpec } from '../facts.ts';
import { observe } from '../observe.ts';

const LINKED = ['/dev/vda2', '/dev/disk/by-path/pci-0000:00:01.0-part2', 'UUID=pv'];
const INITRAMFS_TOOLS = { generator: 'initramfs-tools', dracut: null } as const;

/** A host whose / is vg0/root on /dev/vda2, and whose image has these settings. */
function host(conf: string, spec: FactsSpec = {}, over: NonNullable<FactsSpec['image']>['over'] = {}, names = LINKED) {
  return facts({
    storage: { ...soundStorage(), devices: [{ id: 'vda2', names, holds: 'LVM2_member' }] },
    image: { files: { 'etc/lvm/lvm.conf': { text: conf } }, over },
    ...spec,
  });
}

const messages = (...given: Parameters<typeof host>) =>
  observe(lvmPassedOver, host(...given)).defects.map(({ message }) => message);

describe('LVM’s settings in the image', () => {
  test.each([
    '',
    '# filter = [ "r|.*|" ]',
    'devices { filter = [ "a|.*|" ] }',
    'devices { filter = [ "a|^/dev/vda|", "r|.*|" ] }',
    'devices {\n\tfilter = [ "a|^/dev/disk/by-path/|",\n "r|.*|" ]\n}',
    'devices { filter = [ "r|^/dev/sd[ab]|" ] global_filter = "r|/dev/loop|" }',
    'allocation { filter = [ "r|.*|" ] }',
    'devices { filter = [ "r|\\\\d|" ] }', // of a dialect that is not known
    'devices [ }', // nor is this
    'activation { volume_list = [ "vg1", "vg0" ] }',
    'activation { volume_list = [ "vg0/root" ] }',
    'activation { volume_list = [ "@host" ] }',
    'activation { auto_activation_volume_list = [ ] }',
  ])('let it see what / is on: %s', (conf) => {
    expect(observe(lvmPassedOver, host(conf))).toEqual({ defects: [], unknowns: [] });
  });

  test.each(['filter', 'global_filter'])('have it pass over the disk by %s', (key) => {
    const conf = `devices {\n\t${key} = [ "a|^/dev/sd|", "r|.*|" ]\n}\n`;
    expect(observe(lvmPassedOver, host(conf)).defects).toEqual([
      {
        defect: true,
        message: `The devices/${key} of the image has LVM pass over /dev/vda2, which holds a part of /dev/mapper/vg0-root, which / is on.`,
        evidence: {
          path: 'etc/lvm/lvm.conf',
          device: '/dev/vda2',
          volume: '/dev/mapper/vg0-root',
          setting: `devices/${key}=["a|^/dev/sd|", "r|.*|"]`,
        },
      },
    ]);
  });

  test('are those of lvmlocal.conf, where both say something', () => {
    const files = {
      'etc/lvm/lvm.conf': { text: 'devices { filter = [ "r|.*|" ] }' },
      'etc/lvm/lvmlocal.conf': { text: 'devices/filter = "a|.*|"' },
    };
    expect(messages('', { image: { files } })).toEqual([]);
  });

  test.each(['devices { filter = [ "a|^/dev/vd" ] }', 'devices { filter = "x|^/dev/vd|" }'])(
    'have a slip: %s',
    (conf) => {
      expect(messages(conf)).toEqual(['LVM refuses the devices/filter of the image, and / is on LVM.']);
    },
  );

  test.each([
    'devices { filter = [ "a|.*|" ]',
    'devices { filter = [ "a|.*|",',
    'devices { filter =',
    'devices',
    '\0\0\0',
  ])('end in the middle: %j', (conf) => {
    expect(messages(conf)).toEqual([
      'The image’s etc/lvm/lvm.conf ends in the middle of something, and / is on LVM, which does nothing then.'.replace(
        '’',
        "'",
      ),
    ]);
  });

  test('do not list the volume', () => {
    expect(messages('activation { volume_list = [ "vg1", "vg0/other" ] }')).toEqual([
      'The activation/volume_list of the image does not list /dev/mapper/vg0-root, which / is on.',
    ]);
    // initramfs-tools leaves activation to udev, which goes by a list of its own.
    const automatic = 'activation { auto_activation_volume_list = [ ] }';
    expect(messages(automatic, {}, INITRAMFS_TOOLS)).toHaveLength(1);
  });

  test('count for nothing where dracut takes them out', () => {
    const conf = 'devices { filter = [ "r|.*|" ] }';
    expect(messages(conf, { cmdline: 'root=/dev/mapper/vg0-root rd.lvm.conf=0' })).toEqual([]);
  });

  describe('beside a devices file in the image', () => {
    const REJECTS = 'devices { filter = [ "r|.*|" ] }';
    const beside = (conf: string, name: string, local: string) =>
      observe(
        lvmPassedOver,
        host('', {
          image: {
            files: {
              'etc/lvm/lvm.conf': { text: conf },
              'etc/lvm/lvmlocal.conf': { text: local },
              [`etc/lvm/devices/${name}`]: { text: 'IDTYPE=devname IDNAME=/dev/vda2 PVID=abc' },
            },
          },
        }),
      );
    const LISTED = 'devices { use_devicesfile = 1 devicesfile = "disks" }';

    const SYSTEM = 'system.devices';

    test.each([
      ['is set to be used', `${REJECTS} devices/use_devicesfile = 1`, SYSTEM, ''],
      ['is set to be used, in a word', `${REJECTS} devices { use_devicesfile = "yes" }`, SYSTEM, ''],
      ['is used by default', `${REJECTS}\n\t# use_devicesfile = 1\n`, SYSTEM, ''],
      ['is used under another name', `${REJECTS} ${LISTED}`, 'disks', ''],
      [
        'is used, as lvmlocal.conf says',
        `${REJECTS} devices/use_devicesfile = 0`,
        SYSTEM,
        'devices/use_devicesfile = 1',
      ],
    ])('filters count for nothing where it %s', (_, conf, name, local) => {
      expect(beside(conf, name, local)).toEqual({ defects: [], unknowns: [] });
    });

    test.each([
      ['is set not to be used', `${REJECTS} devices/use_devicesfile = 0`, SYSTEM, ''],
      ['is not used by default, as on Debian', `${REJECTS}\n\t# use_devicesfile = 0\n`, SYSTEM, ''],
      ['is not the one that is named', `${REJECTS} ${LISTED}`, SYSTEM, ''],
      [
        'is not used, as lvmlocal.conf says',
        `${REJECTS} devices/use_devicesfile = 1`,
        SYSTEM,
        'devices/use_devicesfile = 0',
      ],
    ])('filters count where it %s', (_, conf, name, local) => {
      const { defects, unknowns } = beside(conf, name, local);
      expect([defects.length, unknowns]).toEqual([1, []]);
    });

    test.each([
      ['none tells', REJECTS],
      ['two comments differ', `${REJECTS}\n# use_devicesfile = 0\n# use_devicesfile = 1\n`],
    ])('it is left open whether filters count where %s', (_, conf) => {
      expect(beside(conf, SYSTEM, '')).toMatchObject({
        defects: [],
        unknowns: [{ what: 'whether LVM takes /dev/vda2, which / is on' }],
      });
    });

    test('LVM stops at a slip in a filter, used or not', () => {
      expect(beside('devices { filter = "x" use_devicesfile = 1 }', SYSTEM, '').defects).toHaveLength(1);
    });
  });

  test('leave open whether a link passes that is not known', () => {
    const conf = 'devices { filter = [ "a|^/dev/disk/by-id/wwn-|", "r|.*|" ] }';
    expect(observe(lvmPassedOver, host(conf, {}, {}, ['/dev/vda2']))).toMatchObject({
      defects: [],
      unknowns: [{ what: 'whether LVM takes /dev/vda2, which / is on' }],
    });
    expect(messages('devices { filter = [ "a|^/dev/sd|", "r|.*|" ] }', {}, {}, ['/dev/vda2'])).toHaveLength(1);
    const byPath = 'devices { filter = [ "a|^/dev/disk/by-path/|", "r|.*|" ] }';
    expect(observe(lvmPassedOver, host(byPath, {}, INITRAMFS_TOOLS))).toMatchObject({ defects: [], unknowns: [{}] });
  });

  test('are nothing to a volume that others are made of', () => {
    const { nodes } = soundStorage();
    const thin = nodes.map((one) => (one.kind === 'lvm_lv' ? { ...one, below: ['pool'] } : one));
    const pool = node({
      id: 'pool',
      kind: 'lvm_lv',
      name: '/dev/mapper/vg0-pool',
      vg: 'vg0',
      lv: 'pool',
      below: ['vda2'],
    });
    const storage = { ...soundStorage(), nodes: [...thin, pool] };
    expect(messages('activation { volume_list = [ "vg0/root" ] }', { storage })).toEqual([]);
  });
});

describe('lvm.conf', () => {
  test.each([
    ['a { b = 1 }', [['a/b', ['1']]]],
    [
      'a { b { c = "x\\"y" } }\n# no\nd/e = [ "f", 2, ] # there',
      [
        ['a/b/c', ['x"y']],
        ['d/e', ['f', '2']],
      ],
    ],
    ['a = [ ]', [['a', []]]],
    ['a = 1 a = 2', [['a', ['2']]]],
  ])('%j', (text, settings) => {
    expect(readLvmConf(text)).toEqual({ settings: new Map(settings as [string, string[]][]) });
  });

  test.each(['}', 'a { = 1 }', 'a "b"', 'a = { }', 'a = [ [ 1 ] ]', 'a = "b'])('%j is not understood', (text) => {
    expect(readLvmConf(text)).toBeNull();
  });
});

describe('a filter', () => {
  test.each([
    [['a/sda/', 'r/.*/'], ['/dev/sda'], 'passes'],
    [['r/.*/', 'a/sda/'], ['/dev/sda'], 'rejected'],
    [['a{^/dev/disk}', 'r|s{2}|'], ['/dev/sda', '/dev/disk/by-id/x'], null],
    [['a(^/dev/disk)', 'r(.)'], ['/dev/sda', '/dev/disk/by-id/x'], 'passes'],
    [['r|/dev/sdb|'], ['/dev/sda'], 'passes'],
    [[], ['/dev/sda'], 'passes'],
    [['a|(|'], ['/dev/sda'], null],
    [['a'], ['/dev/sda'], 'invalid'],
  ])('%j of %j: %s', (patterns, names, verdict) => {
    expect(passesFilter(patterns, names)).toBe(verdict);
  });
});
