import { describe, expect, test } from '@jest/globals';
import { bootProgramMissing } from '../../../../src/boot/checks/boot-program-missing.ts';
import { CMDLINE, facts, K } from '../facts.ts';
import { type FileSpec } from '../image.ts';
import type { Requirement } from '../../../../src/boot/types.ts';
import { observe } from '../observe.ts';

const EXECUTABLE: FileSpec = { mode: 0o100755, size: 4_096 };
const INITRAMFS_TOOLS = { generator: 'initramfs-tools', dracut: null } as const;
/** dracut's unit for hooks of the command line, as its own package has it, and one hook. */
const UNIT = 'usr/lib/systemd/system/dracut-cmdline.service';
const HOOKS = {
  [UNIT]: {
    text: `[Unit]
ConditionPathExists=/etc/initrd-release
ConditionPathExistsGlob=|/etc/cmdline.d/*.conf
ConditionDirectoryNotEmpty=|/lib/dracut/hooks/cmdline
ConditionKernelCommandLine=|rd.break=cmdline
ConditionKernelCommandLine=|resume
ConditionPathExists=|/dev/root
[Service]
ExecStart=-/bin/dracut-cmdline
`,
  },
  'usr/lib/systemd/system/initrd.target.wants/dracut-cmdline.service': { target: '../dracut-cmdline.service' },
  'usr/bin/dracut-cmdline': { mode: 0o100755, interpreter: '/bin/sh' },
  'usr/lib/dracut/hooks/cmdline': { type: 'directory' },
} as const;
const HOOKED = {
  ...HOOKS,
  'usr/lib/dracut/hooks/cmdline/00-parse-root.sh': { text: 'root=$(getarg root=)\n' },
} as const;

describe('a program that init cannot do without', () => {
  test.each([
    ['mount', { 'usr/bin/mount': null }, [['mount']]],
    ['systemctl', { 'usr/bin/systemctl': null }, [['systemctl']]],
    ['a shell', { 'usr/bin/bash': null, 'usr/bin/mount': { mode: 0o100644 }, ...HOOKED }, [['mount'], ['sh']]],
  ] as const)('is told where it is %s', (_, files, programs) => {
    expect(observe(bootProgramMissing, facts({ image: { files } })).defects[0]?.evidence).toEqual({
      programs,
      image: `/boot/initramfs-${K}.img`,
      generator: 'dracut',
    });
  });

  describe('a shell, where systemd starts the image, is needed', () => {
    const LVM: Requirement = { kind: 'layer', name: 'lvm', because: 'lvm, because /dev/mapper/vg0-root holds /' };
    const needed = (files: Record<string, FileSpec | null>, cmdline = CMDLINE, requirements = [LVM]) => {
      const all = facts({ cmdline, image: { files: { 'usr/bin/sh': null, ...files } } });
      return [...bootProgramMissing.observe(all, requirements)].length === 1;
    };

    test('for a hook', () => {
      expect(needed(HOOKED)).toBe(true);
    });
    test('for settings that a hook is to read', () => {
      expect(needed({ ...HOOKS, 'etc/cmdline.d/20-root.conf': { text: 'root=/dev/sda' } })).toBe(true);
    });
    test('for words of the command line, exactly', () => {
      expect(needed(HOOKS, `${CMDLINE} resume=/dev/sda2`)).toBe(true);
      expect(needed(HOOKS, `${CMDLINE} rd.break=cmdline`)).toBe(true);
      expect(needed(HOOKS, `${CMDLINE} rd.break`)).toBe(false);
    });
    test('by nobody where no unit has a reason to run a script', () => {
      expect(needed({})).toBe(false);
      expect(needed(HOOKS)).toBe(false);
      expect(
        needed({
          ...HOOKED,
          [UNIT]: {
            text: '[Unit]\nConditionPathExists=!/etc/initrd-release\n[Service]\nExecStart=/bin/dracut-cmdline\n',
          },
        }),
      ).toBe(false);
    });
    test('by a unit that may fail, only where systemd does not find and mount / by itself', () => {
      const onDisk = 'root=UUID=11111111-2222-3333-4444-555555555555 ro';
      expect(needed(HOOKED, onDisk, [])).toBe(false);
      expect(needed(HOOKED, onDisk)).toBe(true);
      expect(
        needed(HOOKED, onDisk, [
          { ...LVM, name: 'crypt' },
          { ...LVM, name: 'md' },
        ]),
      ).toBe(false);
      expect(needed(HOOKED, 'root=nfs:10.0.0.1:/srv ro', [])).toBe(true);
      expect(needed({ ...HOOKED, 'usr/lib/dracut/hooks/mount/99-mount-root.sh': { text: '' } }, onDisk, [])).toBe(true);
      const insists = { [UNIT]: { text: HOOKS[UNIT].text.replace('=-/', '=/') } };
      expect(needed({ ...HOOKED, ...insists }, onDisk, [])).toBe(true);
    });
  });

  test('is what dracut’s functions read the command line with, where they do not themselves', () => {
    const evidence = (library: string) => {
      const files = {
        'usr/lib/systemd/systemd': null,
        init: { type: 'file', mode: 0o100755, size: 9_000, interpreter: '/bin/sh' },
        'usr/lib/dracut-lib.sh': { text: library },
      } as const;
      return observe(bootProgramMissing, facts({ image: { files } })).defects.flatMap(
        ({ evidence: { programs } }) => programs,
      );
    };
    expect(evidence('getarg() {\n  CMDLINE=$(getcmdline) dracut-getarg "$@"\n}\n')).toContainEqual(['dracut-getarg']);
    expect(
      evidence('# dracut-getarg came later\ngetarg() {\n  for word in $CMDLINE; do :; done\n}\n'),
    ).not.toContainEqual(['dracut-getarg']);
  });

  test('is umount, where dracut’s scripts have / checked: they have mounted it before, to read its fstab', () => {
    const missing = (files: Record<string, FileSpec | null>) =>
      observe(
        bootProgramMissing,
        facts({
          image: {
            files: {
              'usr/lib/systemd/systemd': null,
              init: { type: 'file', mode: 0o100755, size: 9_000, interpreter: '/bin/sh' },
              'usr/lib/fs-lib.sh': { text: '' },
              'usr/bin/umount': null,
              ...files,
            },
          },
        }),
      ).defects.flatMap(({ evidence: { programs } }) => programs);
    expect(missing({ 'usr/sbin/e2fsck': EXECUTABLE })).toContainEqual(['umount']);
    expect(missing({ 'usr/sbin/e2fsck': EXECUTABLE, 'usr/bin/umount': EXECUTABLE })).not.toContainEqual(['umount']);
    expect(missing({})).not.toContainEqual(['umount']);
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

  test('what mounts / requires that it is checked, where there is a unit for that', () => {
    const unit = { 'usr/lib/systemd/system/systemd-fsck@.service': { text: '[Service]\n' } };
    expect(missing(unit)).toBe(1);
    expect(missing({ ...unit, 'usr/lib/systemd/systemd-fsck': { mode: 0o100755, size: 1 } })).toBe(0);
  });

  test('every service is started through the executor since 255', () => {
    expect(missing({ [SHARED]: {} })).toBe(1);
    expect(missing({ [SHARED]: {}, 'usr/lib/systemd/systemd-executor': { mode: 0o100755, size: 1 } })).toBe(0);
    expect(missing({ 'usr/lib/systemd/libsystemd-shared-252.so': {} })).toBe(0);
  });

  test('mount, where /bin does not lead to it, may be found by systemd or not', () => {
    const files = { bin: null };
    const { defects, unknowns } = observe(bootProgramMissing, facts({ image: { files } }));
    expect([defects, unknowns]).toMatchObject([[], [{ what: 'whether systemd finds the program that mounts /' }]]);
  });

  describe('of initramfs-tools that finds / by a tag', () => {
    const functions = (body: string) => ({ 'scripts/functions': { text: `resolve_device() {\n${body}}\n` } });
    const BY_BLKID = functions('\tDEV="$(blkid -l -t "$DEV" -o device)" || return 1\n');
    const missing = (cmdline: string, files: Record<string, FileSpec | null>) =>
      observe(
        bootProgramMissing,
        facts({ cmdline, image: { over: INITRAMFS_TOOLS, files: { 'usr/bin/run-init': EXECUTABLE, ...files } } }),
      ).defects.map(({ evidence }) => evidence.programs);

    test.each(['UUID=5e11be11-0000-4000-8000-000000000001', 'LABEL=root', 'PARTUUID=5e11be11-01', 'PARTLABEL=root'])(
      'is blkid, for root=%s',
      (root) => {
        expect(missing(`root=${root} ro`, BY_BLKID)).toEqual([[['blkid']]]);
        expect(missing(`root=${root} ro`, { ...BY_BLKID, 'usr/sbin/blkid': EXECUTABLE })).toEqual([]);
      },
    );
    test('is not wanted for a path, nor by scripts that follow the links of udev', () => {
      expect(missing('root=/dev/vda1 ro', BY_BLKID)).toEqual([]);
      expect(
        missing('root=LABEL=root ro', functions('\t# blkid is not asked\n\tDEV="/dev/disk/by-label/root"\n')),
      ).toEqual([]);
    });
  });
});
