import { describe, expect, test } from '@jest/globals';
import { scriptDamaged } from '../../../../src/boot/checks/script-damaged.ts';
import { scriptMissing } from '../../../../src/boot/checks/script-missing.ts';
import { facts } from '../facts.ts';
import type { FileSpec } from '../image.ts';

const script = (text: string) =>
  ({ type: 'file', text, mode: 0o100755, interpreter: '/bin/sh', target: undefined }) as unknown as FileSpec;

const STATIC = { class: 64, machine: 62, type: 'executable', needed: [], runpath: [], dlopen: [] } as const;

/** The bones of what initramfs-tools lays into its images. */
const INITRAMFS_TOOLS: Readonly<Record<string, FileSpec>> = {
  'usr/bin/sh': {
    mode: 0o100755,
    size: 1_982_256,
    elf: STATIC,
    target: undefined,
    type: 'file',
  } as unknown as FileSpec,
  init: script(`#!/bin/sh
export BOOT=
. /conf/initramfs.conf
for conf in conf/conf.d/*; do [ -f "$conf" ] && . "$conf"; done
. /scripts/functions
if [ -z "\${BOOT}" ] && [ "$ROOT" = "/dev/nfs" ]; then
	BOOT=nfs
fi
maybe_break top
run_scripts /scripts/init-top
. /scripts/local
. /scripts/nfs
. "/scripts/\${BOOT}"
mountroot
mount_premount
run_scripts /scripts/init-bottom
exec run-init "$rootmnt" "$init" "$@" < "$rootmnt/dev/console"
`),
  'conf/initramfs.conf': { text: 'MODULES=most\n' },
  'scripts/functions': {
    text: `maybe_break() {
	[ "$break" = "$1" ] && panic "Spawning shell"
}
run_scripts()
{
	initdir=$1
	[ ! -d "$initdir" ] && return
	. "$initdir/ORDER"
}
`,
  },
  'scripts/local': {
    text: `local_premount()
{
	if [ "$used" != yes ]; then
		run_scripts /scripts/local-premount
	fi
}
mountroot() { local_premount; mount -w "$ROOT" "$rootmnt"; }
mount_premount() { local_premount; }
`,
  },
  'scripts/init-top': { type: 'directory' },
  'scripts/init-top/ORDER': { text: '/scripts/init-top/udev "$@"\n[ -e /conf/param.conf ] && . /conf/param.conf\n' },
  'scripts/init-top/udev': script('#!/bin/sh\n/lib/systemd/systemd-udevd --daemon\nudevadm trigger --action=add\n'),
  'scripts/init-bottom': { type: 'directory' },
  'scripts/init-bottom/ORDER': { text: '/scripts/init-bottom/udev "$@"\n' },
  'scripts/init-bottom/udev': script('#!/bin/sh\nudevadm control --exit\nmount -n -o move /dev "$rootmnt/dev"\n'),
  'scripts/nfs': { text: 'mountroot() { nfs_premount; }\n' },
  'scripts/local-premount': { type: 'directory' },
  'scripts/local-premount/ORDER': { text: '' },
};

/** The bones of dracut's init without systemd, and of the hooks that every root on a disk needs. */
const DRACUT: Readonly<Record<string, FileSpec>> = {
  init: script(`#!/bin/sh
export -p > /tmp/export.orig
. /lib/dracut-lib.sh
source_hook cmdline
[ -z "$root" ] && die "No or empty root= argument"
[ -z "$rootok" ] && die "Don't know how to handle 'root=$root'"
"$systemdutildir"/systemd-udevd --daemon
udevadm trigger --type=devices
while :; do
    for f in "$hookdir"/mount/*.sh; do
        [ -f "$f" ] && . "$f"
    done
done
. /tmp/export.orig 2> /dev/null || :
exec switch_root "$NEWROOT" "$INIT" || { warn "lost"; }
`),
  'usr/bin/sh': { target: 'dash' },
  'usr/bin/dash': { mode: 0o100755, size: 125_640, elf: STATIC },
  'usr/lib/dracut-lib.sh': { text: 'source_hook() {\n    :\n}\ndie() { :; }\n' },
  'usr/lib/dracut/hooks/cmdline': { type: 'directory' },
  'usr/lib/dracut/hooks/cmdline/10-parse-root-opts.sh': { text: 'root=$(getarg root=)\n' },
  'usr/lib/dracut/hooks/cmdline/95-parse-block.sh': { text: 'rootok=1\n' },
  'usr/lib/dracut/hooks/mount': { type: 'directory' },
  'usr/lib/dracut/hooks/mount/99-mount-root.sh': {
    text: 'mount_root() {\n    mount "$root" "$NEWROOT"\n}\nmount_root\n',
  },
};

const DISK = 'root=UUID=11111111-2222-3333-4444-555555555555 ro';
const messages = (files: Record<string, FileSpec | null>, cmdline = DISK) => {
  const all = facts({ cmdline, image: { files } });
  return [scriptMissing, scriptDamaged].flatMap((check) =>
    [...check.observe(all, [])].map((seen) => (seen.defect ? seen.message : seen.reason)),
  );
};
const says = (...texts: string[]) => texts.map((text): unknown => expect.stringContaining(text));

describe('the scripts of initramfs-tools', () => {
  const damaged = (files: Record<string, FileSpec | null>, cmdline?: string) =>
    messages({ ...INITRAMFS_TOOLS, ...files }, cmdline);

  test('are followed from /init', () => {
    expect(damaged({})).toEqual([]);
  });

  test.each(['/conf/initramfs.conf', '/scripts/functions', '/scripts/local', '/scripts/init-top/ORDER'])(
    '%s is read in on every boot',
    (path) => {
      const file = path.slice(1);
      expect(damaged({ [file]: null })).toEqual(says(`${path} is not in the image`));
      expect(damaged({ [file]: { text: 'if [ -e /x ]; th' } })).toEqual(
        says(`${file} is damaged: it ends in the middle`),
      );
    },
  );

  test('a folder that is there must say in which order, one that is not need not', () => {
    expect(damaged({ 'scripts/local-premount/ORDER': null })).toEqual(says('/scripts/local-premount/ORDER is not in'));
    expect(damaged({ 'scripts/local-premount/ORDER': null, 'scripts/local-premount': null })).toEqual([]);
  });

  test('/dev must be moved to the root file system', () => {
    expect(damaged({ 'scripts/init-bottom/udev': null })).toEqual(says('moves /dev there'));
  });

  test('boot= names the one that mounts', () => {
    expect(damaged({}, `${DISK} boot=live`)).toEqual(says('/scripts/live is not in the image'));
  });

  test('the script of a disk, if it is empty, leaves / to the one of the network', () => {
    const empty = { 'scripts/local': { text: '\0\0\0' } };
    expect(damaged(empty)).toEqual(says('No script in the image mounts / (mountroot)'));
    const both = { ...empty, 'scripts/nfs': { text: '' } };
    const { text = '' } = INITRAMFS_TOOLS['scripts/functions'] ?? {};
    expect(damaged({ ...both, 'scripts/functions': { text: `${text}mountroot() { :; }\n` } })).toEqual(
      says('No script in the image mounts / (mountroot)'),
    );
    expect(damaged(empty, 'root=/dev/nfs nfsroot=10.0.0.1:/srv')).toEqual([]);
    expect(damaged({ ...empty, 'conf/initramfs.conf': { text: 'BOOT=nfs\n' } })).toEqual([]);
  });

  test('a function that is not defined is not called: nothing mounts /, nothing starts udev', () => {
    const { text = '' } = INITRAMFS_TOOLS['scripts/local'] ?? {};
    expect(
      damaged({
        'scripts/local': { text: text.slice(0, text.indexOf('mountroot')) },
        'scripts/nfs': { text: '' },
      }),
    ).toEqual(says('No script in the image mounts / (mountroot)'));
    expect(damaged({ 'scripts/functions': { text: '' } })).toEqual(says("starts udev's daemon, nor starts the search"));
  });

  test('zeros are to a shell as nothing at all', () => {
    const zeros = { text: '\0'.repeat(40) };
    expect(damaged({ 'conf/initramfs.conf': zeros })).toEqual([]);
    expect(damaged({ 'scripts/functions': zeros })).toHaveLength(1);
  });

  test('words that are no command are passed over by any shell', () => {
    expect(damaged({ 'conf/initramfs.conf': { text: 'MODULES=most\nKEY_MA' } })).toEqual([]);
  });

  test('an init that ends early never hands over', () => {
    const { text = '' } = INITRAMFS_TOOLS.init ?? {};
    expect(damaged({ init: script(text.slice(0, text.indexOf('exec run-init'))) })).toEqual(
      says('No script in the image switches to the root file system'),
    );
  });

  test.each([
    ['is not there', null],
    ['may not be executed', { ...script('#!/bin/sh\nudevd\nudevadm trigger\n'), mode: 0o100644 }],
    ['is cut off', script('#!/bin/sh\n')],
  ])('the one that starts udev %s', (_how, udev) => {
    expect(damaged({ 'scripts/init-top/udev': udev })).toEqual(says("starts udev's daemon, nor starts the search"));
  });
});

describe('the scripts of dracut without systemd', () => {
  const damaged = (files: Record<string, FileSpec | null>, cmdline?: string) =>
    messages({ ...DRACUT, ...files }, cmdline);

  test('are followed from /init; what is made at boot need not be there', () => {
    expect(damaged({})).toEqual([]);
  });
  test('a hook that mounts must say so', () => {
    expect(damaged({ 'usr/lib/dracut/hooks/mount/99-mount-root.sh': { text: '\0\0\0' } })).toEqual(
      says('mounts / (a hook of mount)'),
    );
  });
  test('the type of / is asked of a function that must be there', () => {
    const hook = {
      text: 'type det_fs > /dev/null 2>&1 || . /lib/fs-lib.sh\nmount -t "$(det_fs "$root")" "$root" "$NEWROOT"\n',
    };
    const files = { 'usr/lib/dracut/hooks/mount/99-mount-root.sh': hook };
    expect(damaged({ ...files, 'usr/lib/fs-lib.sh': { text: 'det_fs() {\n    :\n}\n' } })).toEqual([]);
    expect(damaged({ ...files, 'usr/lib/fs-lib.sh': { text: '\0\0' } })).toEqual(says('of which type / is (det_fs)'));
  });
  test('the library of all', () => {
    expect(damaged({ 'usr/lib/dracut-lib.sh': { text: 'source_hook() {\n  if' } })).toEqual(says('ends in the middle'));
    expect(damaged({ 'usr/lib/dracut-lib.sh': { text: '' } })).toEqual(says('understands root='));
  });
  test('a hook must mount /, and one must understand root=', () => {
    expect(damaged({ 'usr/lib/dracut/hooks/mount/99-mount-root.sh': null })).toEqual(
      says('mounts / (a hook of mount)'),
    );
    expect(damaged({ 'usr/lib/dracut/hooks/cmdline/95-parse-block.sh': null })).toEqual(says('understands root='));
    expect(damaged({ 'usr/lib/dracut/hooks/mount/99-mount-root.sh': null }, 'root=nfs:10.0.0.1:/srv')).toEqual([]);
  });
  test('a hook must ask for root=, where init ends without it; other words that begin so are not it', () => {
    const hook = 'usr/lib/dracut/hooks/cmdline/10-parse-root-opts.sh';
    expect(damaged({ [hook]: null })).toEqual(says('asks for root= (a hook of cmdline)'));
    const others = { text: 'fstype=$(getarg rootfstype=)\njournal=$(getarg "root.journaldev=")\n' };
    expect(damaged({ [hook]: others })).toEqual(says('asks for root= (a hook of cmdline)'));
    expect(damaged({ [hook]: { text: 'root="$(getarg -d "root=")"\n' } })).toEqual([]);
    const { text = '', ...init } = DRACUT.init ?? {};
    expect(damaged({ init: { ...init, text: text.replace(/^.*No or empty.*$/m, '') }, [hook]: null })).toEqual([]);
  });
  test('a folder of the hypervisor is mounted by a hook of its own', () => {
    const virtfs = 'root=virtfs:share rw';
    const hook = {
      'usr/lib/dracut/hooks/mount/99-mount-virtfs.sh': { text: 'mount -t 9p "${root#virtfs:}" "$NEWROOT"\n' },
    };
    expect(damaged({}, virtfs)).toEqual(says('mounts virtfs: (a hook of mount)'));
    expect(damaged(hook, virtfs)).toEqual([]);
  });
  test('hooks may lie below /var, where a link leads', () => {
    const hooks = 'var/lib/dracut/hooks';
    const moved = Object.fromEntries(
      Object.entries(DRACUT).flatMap(([path, file]): [string, FileSpec | null][] =>
        path.includes('/hooks/')
          ? [
              [path, null],
              [path.replace('usr/lib/dracut/hooks', hooks), file],
            ]
          : [],
      ),
    );
    const link = {
      'usr/lib/dracut/hooks': { target: '../../../var/lib/dracut/hooks' },
      [hooks]: { type: 'directory' },
    } as const;
    expect(damaged({ ...moved, ...link })).toEqual([]);
    expect(damaged({ ...moved, [hooks]: { type: 'directory' } })).toEqual([]);
    expect(damaged({ ...moved, ...link, [`${hooks}/mount/99-mount-root.sh`]: null })).toHaveLength(1);
  });
  test('a hook that is cut off ends the shell that reads it in', () => {
    expect(damaged({ 'usr/lib/dracut/hooks/cmdline/01-parse-kernel.sh': { text: 'if getarg x; then\n' } })).toEqual(
      says('01-parse-kernel.sh is damaged'),
    );
  });
  test('bash may go on with what comes after: unless that can never be enough, it is not known', () => {
    const bash = { 'usr/bin/sh': { target: 'bash' } };
    const hooks = 'usr/lib/dracut/hooks';
    const maybe = 'and the shell is bash, which may go on';
    expect(damaged({ ...bash, [`${hooks}/cmdline/01-parse-kernel.sh`]: { text: 'if getarg x; then\n' } })).toEqual(
      says(maybe),
    );
    expect(damaged({ ...bash, [`${hooks}/cmdline/95-parse-block.sh`]: { text: 'if x; then rooto' } })).toEqual(
      says(maybe, 'understands root='),
    );
  });
  test('a library that is asked for by `type NAME ||` is read in where nothing has defined that', () => {
    const hook = { text: 'type det_fs > /dev/null 2>&1 || . /lib/fs-lib.sh\nmount "$root" "$NEWROOT"\n' };
    const path = 'usr/lib/dracut/hooks/mount/99-mount-root.sh';
    expect(damaged({ [path]: hook, 'usr/lib/fs-lib.sh': { text: 'det_fs() {' } })).toEqual(
      says('fs-lib.sh is damaged'),
    );
  });
});

test('another generator’s init goes ways that are not known; only what it reads in must be there', () => {
  const over = { generator: 'mkinitcpio', dracut: null } as const;
  const init = script(
    '#!/usr/bin/ash\n. /init_functions\nrun_hookfunctions run_earlyhook\nexec switch_root /new_root "$init"\n',
  );
  const seen = (files: Record<string, FileSpec | null>) =>
    [scriptMissing, scriptDamaged].flatMap((check) => [
      ...check.observe(facts({ image: { files: { ...INITRAMFS_TOOLS, init, ...files }, over } }), []),
    ]);
  expect(seen({ init_functions: { text: 'run_hookfunctions() { :; }\n' } })).toEqual([]);
  expect(seen({})).toHaveLength(1);
});

test('an init that is a program, or is written in a way that is not understood, is not judged', () => {
  expect(messages({})).toEqual([]);
  expect(messages({ init: script('#!/bin/bash\nhooks=(a b)\n. /gone.sh\n') })).toEqual([]);
});

describe('a library of dracut’s hooks, where systemd starts the image', () => {
  const HOOKS: Record<string, FileSpec> = {
    'usr/lib/systemd/system/dracut-initqueue.service': { text: '[Service]\nExecStart=-/bin/dracut-initqueue\n' },
    'usr/lib/systemd/system/initrd.target.wants/dracut-initqueue.service': { target: '../dracut-initqueue.service' },
    'usr/bin/dracut-initqueue': { mode: 0o100755, interpreter: '/bin/sh' },
    'usr/lib/dracut/hooks/cmdline/30-parse-lvm.sh': { text: 'type getarg > /dev/null 2>&1 || . /lib/dracut-lib.sh\n' },
  };
  const layer = { kind: 'layer', name: 'lvm', because: 'lvm, because / is on it' } as const;
  const told = (text: string, requirements = [layer]) => {
    const files = { ...HOOKS, 'usr/lib/dracut-lib.sh': { text } };
    return [...scriptDamaged.observe(facts({ cmdline: DISK, image: { files } }), requirements)].map((seen) =>
      seen.defect ? seen.message : seen.reason,
    );
  };

  test('must be whole, where the boot needs what the hooks do', () => {
    expect(told('getarg() {\n    :\n}\n')).toEqual([]);
    expect(told('\0\0\0')).toEqual(says('/lib/dracut-lib.sh is damaged: it holds nothing, and usr/lib/dracut/hooks'));
    expect(told('getarg() {\n    if')).toEqual(says('ends in the middle of a command'));
  });
  test('may be anything, where systemd mounts / by itself', () => {
    expect(told('\0\0\0', [])).toEqual([]);
  });
});
