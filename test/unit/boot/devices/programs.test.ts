import { describe, expect, test } from '@jest/globals';
import { dmTargetMissing } from '../../../../src/boot/checks/dm-target-missing.ts';
import { kmodMissing } from '../../../../src/boot/checks/kmod-missing.ts';
import { modprobeRedirected } from '../../../../src/boot/checks/modprobe-redirected.ts';
import { ostreeMissing } from '../../../../src/boot/checks/ostree-missing.ts';
import { squashUnreadable } from '../../../../src/boot/checks/squash-unreadable.ts';
import { udevMissing } from '../../../../src/boot/checks/udev-missing.ts';
import { CMDLINE, facts, K, soundStorage } from '../facts.ts';
import { type FileSpec } from '../image.ts';
import { hostIndex } from '../modules.ts';
import { observe, severities } from '../observe.ts';

const withFiles = (files: Record<string, FileSpec | null>) => facts({ image: { files } });
const EXECUTABLE: FileSpec = { mode: 0o100755, size: 4_096 };

describe('udev', () => {
  test.each([
    ['the daemon (systemd-udevd)', { 'usr/lib/systemd/systemd-udevd': null }],
    [
      'udevadm',
      { 'usr/bin/udevadm': null, 'usr/lib/systemd/systemd-udevd': { type: 'file', mode: 0o100755, size: 9 } },
    ],
    [
      'its rules (udev/rules.d)',
      {
        'usr/lib/udev/rules.d/10-dm.rules': null,
        'usr/lib/udev/rules.d/11-dm-lvm.rules': null,
        'usr/lib/udev/rules.d/60-persistent-storage-dm.rules': null,
        'usr/lib/udev/rules.d/60-persistent-storage.rules': null,
        'usr/lib/udev/rules.d/64-lvm.rules': null,
        'usr/lib/udev/rules.d/80-drivers.rules': null,
        'usr/lib/udev/rules.d/95-dm-notify.rules': null,
        'usr/lib/udev/rules.d/99-systemd.rules': null,
      },
    ],
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

  test('is not asked of images that find devices without it', () => {
    const over = { generator: 'booster', dracut: null } as const;
    expect(observe(udevMissing, facts({ image: { files: { 'usr/bin/udevadm': null }, over } })).defects).toEqual([]);
  });
});

describe('modprobe', () => {
  test('is missing where its link leads nowhere', () => {
    const { defects } = observe(kmodMissing, withFiles({ 'usr/bin/kmod': null }));
    expect(defects[0]?.evidence).toMatchObject({ missing: 'usr/bin/kmod', links: ['usr/sbin/modprobe'], kmod: null });
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
