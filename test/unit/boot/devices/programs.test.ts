import { describe, expect, test } from '@jest/globals';
import { dmTargetMissing } from '../../../../src/boot/checks/dm-target-missing.ts';
import { kmodMissing } from '../../../../src/boot/checks/kmod-missing.ts';
import { modprobeRedirected } from '../../../../src/boot/checks/modprobe-redirected.ts';
import { ostreeMissing } from '../../../../src/boot/checks/ostree-missing.ts';
import { programDamaged } from '../../../../src/boot/checks/program-damaged.ts';
import { squashUnreadable } from '../../../../src/boot/checks/squash-unreadable.ts';
import { udevMissing } from '../../../../src/boot/checks/udev-missing.ts';
import { CMDLINE, facts, K, soundStorage, type FactsSpec } from '../facts.ts';
import { MODULES, type FileSpec } from '../image.ts';
import { hostIndex } from '../modules.ts';
import { observe, severities } from '../observe.ts';

const withFiles = (files: Record<string, FileSpec | null>) => facts({ image: { files } });
const EXECUTABLE: FileSpec = { mode: 0o100755, size: 4_096 };

const RULES = ['10-dm', '11-dm-lvm', '60-persistent-storage-dm', '60-persistent-storage', '64-lvm', '80-drivers'];
const NO_RULES = Object.fromEntries(
  [...RULES, '95-dm-notify', '99-systemd'].map((name) => [`usr/lib/udev/rules.d/${name}.rules`, null]),
);

describe('udev', () => {
  test.each([
    ['the daemon (systemd-udevd)', { 'usr/lib/systemd/systemd-udevd': null }],
    [
      'udevadm',
      { 'usr/bin/udevadm': null, 'usr/lib/systemd/systemd-udevd': { type: 'file', mode: 0o100755, size: 9 } },
    ],
    ['its rules (udev/rules.d)', NO_RULES],
  ] as const)('is not whole without %s', (missing, files) => {
    expect(observe(udevMissing, withFiles(files)).defects[0]?.evidence).toEqual({
      missing: [missing],
      image: `/boot/initramfs-${K}.img`,
    });
  });

  test('goes by its old name too', () => {
    const files = { 'usr/lib/systemd/systemd-udevd': null, 'usr/lib/udev/udevd': EXECUTABLE };
    expect(observe(udevMissing, withFiles(files)).defects).toEqual([]);
  });

  describe('is called by scripts at one path', () => {
    const script = (text: string) =>
      ({ type: 'file', text, mode: 0o100755, interpreter: '/bin/sh', target: undefined }) as unknown as FileSpec;
    const CALL = '#!/bin/sh\nsource_conf /etc/conf.d\nUDEV_LOG=err UDEVD --daemon --resolve-names=never\n';
    const init = (udevd: string, more = '') => ({ init: script(CALL.replace('UDEVD', () => udevd) + more) });
    const BY_VARIABLE = init('"$systemdutildir"/systemd-udevd');
    const conf = (text: string) => ({ 'etc/conf.d/systemd.conf': { text } });
    const missed = (files: Record<string, FileSpec | null>) =>
      observe(udevMissing, withFiles(files)).defects.map(({ evidence }) => evidence.missing);
    const misled = (path: string) => [[`the daemon where the scripts call it (${path})`]];

    test('which dracut’s conf.d has', () => {
      expect(missed({ ...BY_VARIABLE, ...conf('systemdutildir="/usr/lib/systemd"\n') })).toEqual([]);
      expect(missed({ ...BY_VARIABLE, ...conf('\0'.repeat(33)) })).toEqual(misled('/systemd-udevd'));
      expect(missed(BY_VARIABLE)).toEqual(misled('/systemd-udevd'));
      expect(missed({ ...BY_VARIABLE, ...conf('systemdutildir=/opt\n') })).toEqual(misled('/opt/systemd-udevd'));
    });
    test('or which is written out', () => {
      expect(missed(init('/usr/lib/systemd/systemd-udevd'))).toEqual([]);
      expect(missed(init('/lib/udev/systemd-udevd'))).toEqual(misled('/lib/udev/systemd-udevd'));
    });
    test('and is not known where a script sets it', () => {
      const sets = init('"$systemdutildir"/systemd-udevd', 'systemdutildir=/opt\n');
      expect(missed(sets)).toEqual([]);
    });
  });

  describe('of initramfs-tools', () => {
    const UUID = '0f0e0d0c-1111-2222-3333-444455556666';
    const BY_BLKID = 'resolve_device() {\n\tDEV="$(blkid -l -t "$DEV" -o device)" || return 1\n}\n';
    const NAMED = { 'conf/modules': { text: MODULES.join('\n') }, 'scripts/functions': { text: BY_BLKID } };
    const [first, ...rest] = soundStorage().nodes.filter(({ kind }) => kind === 'filesystem' || kind === 'disk');
    const storage = { nodes: [{ ...first!, below: rest.map(({ id }) => id) }, ...rest] };
    const host = (files: Record<string, FileSpec | null>, over: FactsSpec = {}) =>
      facts({
        cmdline: `root=UUID=${UUID} ro`,
        storage,
        image: { files: { ...NAMED, ...files }, over: { generator: 'initramfs-tools', dracut: null } },
        ...over,
      });

    test('has nothing to do where drivers are loaded by name, and the root is found by what is on it', () => {
      expect(severities(udevMissing, host(NO_RULES))).toEqual(['warning']);
      expect(severities(udevMissing, host(NO_RULES, { cmdline: 'root=/dev/vda ro' }))).toEqual(['warning']);
    });

    test.each([
      ['no driver is named', host({ ...NO_RULES, 'conf/modules': null })],
      ['the root is looked for among its links', host({ ...NO_RULES, 'scripts/functions': { text: '' } })],
      ['the root is one of its links', host(NO_RULES, { cmdline: `root=/dev/disk/by-uuid/${UUID} ro` })],
      ['there are layers', host(NO_RULES, { storage: soundStorage() })],
      ['the stack is not known', host(NO_RULES, { storage: { ...storage, state: 'partial' } })],
      ['it is not there to be started', host({ ...NO_RULES, 'usr/bin/udevadm': null })],
    ])('is needed where %s', (_, all) => {
      expect(severities(udevMissing, all)).toEqual(['fatal']);
    });

    test('may be of zeros where it has nothing to do: busybox takes it for an empty script', () => {
      const zeroed = { 'usr/bin/udevadm': { elf: undefined, interpreter: undefined } as unknown as FileSpec };
      expect(observe(programDamaged, host(zeroed)).defects).toEqual([]);
      expect(observe(programDamaged, host({ ...zeroed, 'conf/modules': null })).defects).toHaveLength(1);
    });
  });

  test('is not asked of images that find devices without it', () => {
    const over = { generator: 'booster', dracut: null } as const;
    expect(observe(udevMissing, facts({ image: { files: { 'usr/bin/udevadm': null }, over } })).defects).toEqual([]);
  });
});

describe('modprobe', () => {
  test('is missing where its link leads nowhere', () => {
    const { defects } = observe(kmodMissing, withFiles({ 'usr/bin/kmod': null }));
    expect(defects[0]?.evidence).toMatchObject({
      missing: 'usr/bin/kmod',
      links: ['sbin', 'usr/sbin/modprobe'],
      kmod: null,
    });
  });

  test('is missing where it may not be executed', () => {
    expect(observe(kmodMissing, withFiles({ 'usr/bin/kmod': { mode: 0o100644 } })).defects[0]?.evidence).toMatchObject({
      mode: '644',
    });
  });

  test('may be busybox', () => {
    const files = {
      'usr/bin/kmod': null,
      'usr/sbin/modprobe': { target: '../bin/busybox' },
      'usr/bin/busybox': EXECUTABLE,
    };
    expect(observe(kmodMissing, withFiles(files)).defects).toEqual([]);
  });

  describe('is called by the kernel at one path', () => {
    const link = { 'usr/sbin/modprobe': null, 'opt/modprobe': { target: '../usr/bin/kmod' } };
    const elsewhere = { ...link, 'usr/bin/modprobe': { target: 'kmod' } };
    const at = (path: string) => ({ kernel: { config: new Map([['CONFIG_MODPROBE_PATH', path]]) } });
    const missed = (files: Record<string, FileSpec | null>, spec: FactsSpec = {}) =>
      observe(kmodMissing, facts({ ...spec, image: { files } })).defects.map(({ evidence }) => evidence);

    test('where it is missed, though scripts find it', () => {
      expect(missed(elsewhere)).toMatchObject([{ looked_for: ['/sbin/modprobe'], drivers: ['ext4', 'dm_mod'] }]);
    });
    test('which its configuration tells', () => {
      expect(missed(elsewhere, at('/opt/modprobe'))).toEqual([]);
      expect(missed({}, at('/opt/modprobe'))).toMatchObject([{ looked_for: ['/opt/modprobe'] }]);
    });
    test('and not for what scripts load by name', () => {
      const named = { 'usr/lib/systemd/systemd': null, 'conf/modules': { text: 'ext4\ndm_mod\n' } };
      expect(missed({ ...elsewhere, ...named })).toEqual([]);
      const byPath = { 'scripts/functions': { text: '\t\t\t/sbin/modprobe $m\n' } };
      expect(missed({ ...elsewhere, ...named, ...byPath })).toMatchObject([{ drivers: ['ext4', 'dm_mod'] }]);
    });
  });

  test('is not missed where all drivers are built in', () => {
    const builtin = new Set(['virtio_blk', 'virtio_pci', 'ext4', 'dm_mod']);
    const spec = { kernel: { index: hostIndex({ builtin }) }, image: { files: { 'usr/bin/kmod': null }, modules: [] } };
    expect(observe(kmodMissing, facts(spec)).defects).toEqual([]);
  });

  describe('is missed by the kernel alone: udev and systemd read modules themselves', () => {
    const without = { 'usr/bin/kmod': null };
    const builtin = (...names: string[]) => ({ index: hostIndex({ builtin: new Set(names) }) });
    const missed = (kernel: ReturnType<typeof builtin>, files: Record<string, FileSpec | null> = without) =>
      observe(kmodMissing, facts({ kernel, image: { files } })).defects.map(({ evidence }) => evidence.drivers);

    test('not for the driver of a device', () => {
      expect(missed(builtin('ext4', 'dm_mod'))).toEqual([]);
    });
    test('for the file system of / and for dm', () => {
      expect(missed(builtin('dm_mod'))).toEqual([['ext4']]);
      expect(missed(builtin('ext4'))).toEqual([['dm_mod']]);
    });
    test('not for what systemd loads by name', () => {
      expect(missed(builtin('dm_mod'), { ...without, 'etc/modules-load.d/root.conf': { text: 'ext4\n' } })).toEqual([]);
    });
  });
});

describe('a logical volume that was converted', () => {
  const converted = (...details: string[]) => ({
    storage: { nodes: soundStorage().nodes.map((node) => (node.id === 'dm-0' ? { ...node, details } : node)) },
  });

  test('to RAID needs dm_raid in the image', () => {
    expect(observe(dmTargetMissing, facts(converted('raid'))).defects[0]).toMatchObject({
      message: '/dev/mapper/vg0-root has a table of type raid, and the image has no dm_raid.',
      evidence: { target: 'raid', module: 'dm_raid', vg: 'vg0', lv: 'root' },
    });
  });

  test('needs nothing in the image where the kernel has the target built in', () => {
    const index = hostIndex({ builtin: new Set(['dm_raid']) });
    expect(observe(dmTargetMissing, facts({ ...converted('raid'), kernel: { index } })).defects).toEqual([]);
  });

  test('to stripes needs nothing more: that is in dm_mod', () => {
    expect(observe(dmTargetMissing, facts(converted('striped'))).defects).toEqual([]);
  });
});

describe('kernel.modprobe', () => {
  const sysctl = {
    'usr/lib/systemd/systemd-sysctl': EXECUTABLE,
    'usr/lib/systemd/system/systemd-sysctl.service': { text: '[Service]\nExecStart=/lib/systemd/systemd-sysctl\n' },
    'usr/lib/systemd/system/sysinit.target.wants/systemd-sysctl.service': { target: '../systemd-sysctl.service' },
  };

  test('set to a script that was not copied keeps the kernel from loading modules', () => {
    const files = {
      ...sysctl,
      'etc/sysctl.d/99-guard.conf': { text: '# guard\nkernel.modprobe = /usr/local/sbin/guard\n' },
    };
    expect(observe(modprobeRedirected, withFiles(files)).defects[0]).toMatchObject({
      message:
        'etc/sysctl.d/99-guard.conf sets kernel.modprobe to /usr/local/sbin/guard, which the image does not have.',
      evidence: { path: 'etc/sysctl.d/99-guard.conf', line: 2, value: '/usr/local/sbin/guard' },
    });
  });

  test.each([
    [
      'the script is there',
      { 'etc/sysctl.d/99-guard.conf': { text: 'kernel.modprobe=/opt/guard' }, 'opt/guard': EXECUTABLE },
    ],
    [
      'a later file sets it back',
      {
        'etc/sysctl.d/10-guard.conf': { text: 'kernel.modprobe=/opt/guard' },
        'usr/lib/sysctl.d/50-back.conf': { text: 'kernel/modprobe=/sbin/modprobe' },
      },
    ],
    ['the line is a comment', { 'etc/sysctl.d/99-guard.conf': { text: '#kernel.modprobe=/opt/guard' } }],
  ])('is no matter where %s', (_, files) => {
    expect(observe(modprobeRedirected, withFiles({ ...sysctl, ...files })).defects).toEqual([]);
  });

  test('is no matter where nothing in the image applies such settings, whatever programs it holds', () => {
    const files = { 'etc/sysctl.d/99-guard.conf': { text: 'kernel.modprobe=/opt/guard' } };
    expect(observe(modprobeRedirected, withFiles(files)).defects).toEqual([]);
    expect(observe(modprobeRedirected, withFiles({ ...files, 'usr/sbin/sysctl': EXECUTABLE })).defects).toEqual([]);
  });

  test('is done by the kernel itself, for a word of the command line', () => {
    const cmdline = (value: string) => facts({ cmdline: `${CMDLINE} sysctl.kernel.modprobe=${value}` });
    expect(observe(modprobeRedirected, cmdline('/opt/guard')).defects[0]).toMatchObject({
      message:
        'sysctl.kernel.modprobe= of the command line sets kernel.modprobe to /opt/guard, which the image does not have.',
      evidence: { line: null, value: '/opt/guard' },
    });
    expect(observe(modprobeRedirected, cmdline('/sbin/modprobe')).defects).toEqual([]);
    const files = { ...sysctl, 'etc/sysctl.d/99-guard.conf': { text: 'kernel.modprobe=/sbin/modprobe' } };
    expect(observe(modprobeRedirected, { ...cmdline('/opt/guard'), image: withFiles(files).image }).defects).toEqual(
      [],
    );
  });

  test('is a warning where the kernel asks for nothing by itself', () => {
    const files = { ...sysctl, 'etc/sysctl.d/99-guard.conf': { text: 'kernel.modprobe=/opt/guard' } };
    const kernel = { index: hostIndex({ builtin: new Set(['ext4', 'dm_mod']) }) };
    expect(severities(modprobeRedirected, facts({ kernel, image: { files } }))).toEqual(['warning']);
  });
});

describe('an ostree deployment', () => {
  const cmdline = `${CMDLINE} ostree=/ostree/boot.1/fedora/0123/0`;

  test('is not found without ostree-prepare-root', () => {
    expect(observe(ostreeMissing, facts({ cmdline })).defects[0]?.evidence).toMatchObject({
      ostree: '/ostree/boot.1/fedora/0123/0',
    });
  });

  test('is found with it, and not looked for where the command line names none', () => {
    const files = { 'usr/lib/ostree/ostree-prepare-root': EXECUTABLE };
    expect(observe(ostreeMissing, facts({ cmdline, image: { files } })).defects).toEqual([]);
    expect(observe(ostreeMissing, facts()).defects).toEqual([]);
  });
});

describe('a squashed system inside the image', () => {
  const over = { unread: [{ path: 'squashfs-root.img', format: 'squashfs' }] } as const;
  const index = hostIndex({ builtin: new Set(['loop', 'overlay', 'squashfs']) });

  test('is not known', () => {
    expect(observe(squashUnreadable, facts({ kernel: { index }, image: { over } }))).toEqual({
      defects: [],
      unknowns: [
        {
          defect: false,
          what: 'the programs, drivers and settings inside squashfs-root.img',
          reason: 'they are packed as squashfs, which is not read',
        },
      ],
    });
  });

  test('is not opened without the drivers for it outside', () => {
    const modules = [...facts().kernel.modules, { path: 'kernel/drivers/block/loop.ko', size: 1, mtime: 0 }];
    const spec = facts({
      kernel: { index: hostIndex({ builtin: new Set(['overlay', 'squashfs']) }), modules },
      image: { over },
    });
    expect(observe(squashUnreadable, spec).defects.map(({ evidence }) => evidence)).toEqual([
      { path: 'squashfs-root.img', module: 'loop', kernel: K },
    ]);
    expect(severities(squashUnreadable, spec)).toEqual(['fatal']);
  });
});
