import { describe, expect, test } from '@jest/globals';
import { bootProgramMissing } from '../../../../src/boot/checks/boot-program-missing.ts';
import { CMDLINE, facts, K } from '../facts.ts';
import { type FileSpec } from '../image.ts';
import { observe } from '../observe.ts';

const EXECUTABLE: FileSpec = { mode: 0o100755, size: 4_096 };
const INITRAMFS_TOOLS = { generator: 'initramfs-tools', dracut: null } as const;

describe('a program that init cannot do without', () => {
  test.each([
    ['mount', { 'usr/bin/mount': null }, [['mount']]],
    ['systemctl', { 'usr/bin/systemctl': null }, [['systemctl']]],
    ['a shell', { 'usr/bin/bash': null, 'usr/bin/mount': { mode: 0o100644 } }, [['mount'], ['sh']]],
  ] as const)('is told where it is %s', (_, files, programs) => {
    expect(observe(bootProgramMissing, facts({ image: { files } })).defects[0]?.evidence).toEqual({
      programs,
      image: `/boot/initramfs-${K}.img`,
      generator: 'dracut',
    });
  });

  test('may come in either form with initramfs-tools', () => {
    const files = { 'usr/bin/run-init': EXECUTABLE, 'usr/sbin/switch_root': null };
    expect(observe(bootProgramMissing, facts({ image: { files, over: INITRAMFS_TOOLS } })).defects).toEqual([]);
    const without = { 'usr/sbin/switch_root': null };
    expect(
      observe(bootProgramMissing, facts({ image: { files: without, over: INITRAMFS_TOOLS } })).defects[0]?.message,
    ).toContain('run-init or switch_root');
  });

  test('is not asked of an init of the site’s own', () => {
    const files = { 'usr/bin/mount': null };
    expect(
      observe(bootProgramMissing, facts({ cmdline: `${CMDLINE} rdinit=/bin/sh`, image: { files } })).defects,
    ).toEqual([]);
  });
});

describe('what systemd keeps in its own folder', () => {
  const GENERATOR = 'usr/lib/systemd/system-generators/systemd-fstab-generator';
  const SHARED = 'usr/lib/systemd/libsystemd-shared-257.so';
  const missing = (files: Record<string, FileSpec | null>, cmdline = 'root=/dev/mapper/vg0-root') =>
    [...bootProgramMissing.observe(facts({ cmdline, image: { files } }), [])].length;

  test('its generator for fstab makes the unit that mounts root=', () => {
    expect(missing({ [GENERATOR]: null })).toBe(1);
    expect(missing({ [GENERATOR]: { mode: 0o100644 } })).toBe(1);
  });

  test('a hook may mount it instead, or another generator where nothing is named', () => {
    expect(missing({ [GENERATOR]: null, 'usr/lib/dracut/hooks/mount/99-mount-root.sh': { text: '' } })).toBe(0);
    expect(missing({ [GENERATOR]: null }, 'quiet')).toBe(0);
  });

  test('every service is started through the executor since 255', () => {
    expect(missing({ [SHARED]: {} })).toBe(1);
    expect(missing({ [SHARED]: {}, 'usr/lib/systemd/systemd-executor': { mode: 0o100755, size: 1 } })).toBe(0);
    expect(missing({ 'usr/lib/systemd/libsystemd-shared-252.so': {} })).toBe(0);
  });
});
