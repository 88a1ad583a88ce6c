import { describe, expect, test } from '@jest/globals';
import { initMissing } from '../../../../src/boot/checks/init-missing.ts';
import { CMDLINE, facts, K, node, virtioDisk } from '../facts.ts';
import { type FileSpec } from '../image.ts';
import { hostIndex } from '../modules.ts';
import { observe, severities } from '../observe.ts';

const withFiles = (files: Record<string, FileSpec | null>, cmdline = CMDLINE) => facts({ cmdline, image: { files } });
const IMAGE = `/boot/initramfs-${K}.img`;

describe('init', () => {
  test('is missing where /init leads to a program that is not in the image', () => {
    expect(observe(initMissing, withFiles({ 'usr/lib/systemd/systemd': null })).defects).toEqual([
      {
        defect: true,
        message: 'The kernel cannot start /init of the image: it is not there.',
        evidence: {
          init: '/init',
          missing: 'usr/lib/systemd/systemd',
          links: ['init'],
          reason: 'it is not there',
          image: IMAGE,
        },
      },
    ]);
  });

  test('is missing where links go round in circles', () => {
    const { defects } = observe(
      initMissing,
      withFiles({ 'usr/lib/systemd/systemd': { type: 'symlink', target: '/init' } }),
    );
    expect(defects[0]?.message).toContain('its links go round in circles');
  });

  test('does not start without its program interpreter', () => {
    const { defects } = observe(initMissing, withFiles({ 'usr/lib64/ld-linux-x86-64.so.2': null }));
    expect(defects[0]?.evidence).toMatchObject({
      missing: 'usr/lib64/ld-linux-x86-64.so.2',
      reason: 'its program interpreter /lib64/ld-linux-x86-64.so.2 is not there',
    });
  });

  test.each([
    ['without an execute bit', { mode: 0o100644 }, 'may not be executed (mode 644)'],
    ['of no bytes', { size: 0 }, 'is empty'],
    ['that is a folder', { type: 'directory' }, 'is a directory'],
    [
      'whose ELF tables do not hold',
      {
        elf: {
          class: 64,
          machine: 62,
          type: 'executable',
          needed: [],
          runpath: [],
          dlopen: [],
          malformed: 'program headers lie outside the file',
        },
      },
      'program headers lie outside the file',
    ],
  ] as const)('does not start from a file %s', (_, over, reason) => {
    expect(observe(initMissing, withFiles({ 'usr/lib/systemd/systemd': over })).defects[0]?.evidence.reason).toContain(
      reason,
    );
  });

  describe('as a script', () => {
    const script = (interpreter: string): FileSpec => ({ type: 'file', mode: 0o100755, size: 900, interpreter });
    const asScript = (interpreter: string, more: Record<string, FileSpec | null> = {}) =>
      withFiles({ 'usr/init.sh': script(interpreter), init: { target: 'usr/init.sh' }, ...more });

    test('runs in the shell that its first line names', () => {
      expect(observe(initMissing, asScript('/bin/sh -e')).defects).toEqual([]);
    });

    test('that does not start leaves the kernel to try others: of systemd it is not known where that ends', () => {
      const gone = asScript('/bin/no-such', { 'usr/sbin/init': { target: '../lib/systemd/systemd' } });
      expect(observe(initMissing, gone)).toMatchObject({
        defects: [],
        unknowns: [{ reason: 'the kernel then starts /sbin/init, which is systemd' }],
      });
      expect(
        observe(initMissing, { ...gone, cmdline: withFiles({}, `${CMDLINE} init=/bin/mount`).cmdline }).defects,
      ).toHaveLength(1);
      expect(observe(initMissing, asScript('/bin/no-such')).defects).toHaveLength(1);
    });

    test('does not start without that shell', () => {
      const { defects } = observe(initMissing, asScript('/bin/sh', { 'usr/bin/bash': null }));
      expect(defects[0]?.evidence).toMatchObject({
        missing: 'usr/bin/bash',
        reason: 'its interpreter /bin/sh is not there',
      });
    });

    test('does not start where that shell does not', () => {
      expect(
        observe(initMissing, asScript('/bin/sh', { 'usr/lib64/ld-linux-x86-64.so.2': null })).defects,
      ).toHaveLength(1);
    });

    test('does not start where its interpreter is itself', () => {
      expect(observe(initMissing, asScript('/usr/init.sh')).defects[0]?.message).toContain('too often');
    });
  });

  test('may be another program, by rdinit=', () => {
    expect(
      observe(initMissing, withFiles({ init: null }, `${CMDLINE} rdinit=/usr/lib/systemd/systemd`)).defects,
    ).toEqual([]);
    expect(observe(initMissing, withFiles({}, `${CMDLINE} rdinit=/opt/init`)).defects[0]?.evidence).toMatchObject({
      init: '/opt/init',
    });
  });

  test('is not missed where the kernel mounts / by itself', () => {
    const spec = {
      cmdline: 'root=/dev/vda1',
      kernel: { index: hostIndex({ builtin: new Set(['virtio_blk', 'virtio_pci', 'ext4']) }) },
      storage: {
        nodes: [
          node({
            id: 'fs:/',
            kind: 'filesystem',
            name: '/dev/vda1',
            type: 'ext4',
            mountPoints: ['/'],
            below: ['vda1'],
          }),
          node({ id: 'vda1', kind: 'partition', below: ['vda'] }),
          virtioDisk(),
        ],
      },
    } as const;
    expect(severities(initMissing, facts({ ...spec, image: { files: { init: null } } }))).toEqual(['warning']);
  });

  test('is not looked for where there is no system in the image: another rule tells', () => {
    const over = { segments: facts().image!.segments.map((segment) => ({ ...segment, early: true })) };
    expect(observe(initMissing, facts({ image: { files: { init: null }, over } })).defects).toEqual([]);
  });
});
