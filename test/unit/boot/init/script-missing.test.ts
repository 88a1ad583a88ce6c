import { describe, expect, test } from '@jest/globals';
import { scriptMissing } from '../../../../src/boot/checks/script-missing.ts';
import { facts } from '../facts.ts';
import type { FileSpec } from '../image.ts';

const HOOK = 'usr/lib/dracut/hooks/mount/99-mount-root.sh';
const GUARDED = { text: '#!/bin/sh\ntype det_fs > /dev/null 2>&1 || . /lib/fs-lib.sh\n' };

/** Without systemd, where dracut's scripts are all that there is. */
const SCRIPTS = {
  'usr/lib/systemd/systemd': null,
  init: { type: 'file', mode: 0o100755, size: 9_000, interpreter: '/bin/sh' },
} as const;

const observe = (files: Record<string, FileSpec | null>) => [
  ...scriptMissing.observe(facts({ image: { files: { ...SCRIPTS, ...files } } }), []),
];

describe('a shell library that a script on the way reads in', () => {
  test('must be there', () => {
    expect(observe({ [HOOK]: GUARDED })).toEqual([
      {
        defect: true,
        message: `/lib/fs-lib.sh is not in the image, and ${HOOK} reads it in.`,
        evidence: { path: '/lib/fs-lib.sh', read_by: [HOOK], image: '/boot/initramfs-6.1.0-56-amd64.img' },
      },
    ]);
  });

  test('is there by way of the link that /lib is', () => {
    expect(observe({ [HOOK]: GUARDED, 'usr/lib/fs-lib.sh': { text: '' } })).toEqual([]);
  });

  test('must find what it reads in itself', () => {
    const library = { text: 'type wait_for_dev > /dev/null 2>&1 || . /lib/dracut-dev-lib.sh\n' };
    expect(observe({ [HOOK]: GUARDED, 'usr/lib/fs-lib.sh': library })).toMatchObject([
      { evidence: { path: '/lib/dracut-dev-lib.sh', read_by: ['usr/lib/fs-lib.sh'] } },
    ]);
  });
});

test('is a warning where systemd goes on past the scripts, and mounts / by itself', () => {
  const files = {
    'usr/lib/systemd/system/dracut-cmdline.service': { text: '[Service]\nExecStart=-/bin/dracut-cmdline\n' },
    'usr/lib/systemd/system/initrd.target.wants/dracut-cmdline.service': { target: '../dracut-cmdline.service' },
    'usr/bin/dracut-cmdline': { mode: 0o100755, interpreter: '/bin/sh' },
    'usr/lib/dracut/hooks/cmdline/00-parse-root.sh': { text: '. /lib/dracut-lib.sh\n' },
  } as const;
  const onDisk = facts({ cmdline: 'root=UUID=11111111-2222-3333-4444-555555555555 ro', image: { files } });
  const layer = { kind: 'layer', name: 'lvm', because: 'lvm, because / is on it' } as const;
  expect([...scriptMissing.observe(onDisk, [])]).toMatchObject([{ severity: 'warning' }]);
  expect([...scriptMissing.observe(onDisk, [layer])]).not.toMatchObject([{ severity: 'warning' }]);
});

test.each([
  ['a script that looks first', HOOK, '[ -e /etc/x.sh ] && . /etc/x.sh\n'],
  ['a script that reads from the root file system', HOOK, '. "$NEWROOT"/etc/sysconfig/autofsck\n'],
  ['a function that may not be called', HOOK, 'unlock() {\n    . /lib/gone.sh\n}\n'],
  ['a comment', HOOK, '# . /lib/gone.sh\n'],
  ['a hook for emergencies', 'usr/lib/dracut/hooks/emergency/50-x.sh', '. /lib/gone.sh\n'],
  ['a hook for when time runs out', 'usr/lib/dracut/hooks/initqueue/timeout/99-x.sh', '. /lib/gone.sh\n'],
])('%s may name what is not there', (_what, path, text) => {
  expect(observe({ [path]: { text } })).toEqual([]);
});
