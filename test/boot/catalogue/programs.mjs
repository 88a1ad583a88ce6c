// @ts-check
// Faults of what runs in the image: its init, programs, libraries, scripts, units.
import {
  ALL,
  DRACUT,
  PLAIN,
  SYSTEMD,
  SYSTEMD_106,
  SYSTEMD_112,
  SYSTEMD_59,
  TOOLS,
  TOOLS_148,
  fault,
  nearMiss,
} from './case.mjs';
import { changed, half, withFile, withLink, without, zeroed } from './edit.mjs';

/** @typedef {import('./case.mjs').Case} Case */

/** @param {...(string | RegExp)} paths */
const gone =
  (...paths) =>
  (/** @type {import('./case.mjs').Sound} */ { members }) =>
    without(members, ...paths);

/** @param {string | RegExp} path @param {(data: Buffer) => Buffer} change */
const damaged =
  (path, change) =>
  (/** @type {import('./case.mjs').Sound} */ { members }) =>
    changed(members, path, change);

const LIBC = 'usr/lib/x86_64-linux-gnu/libc.so.6';
const LOADER = 'usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2';
const CORE = /\/libsystemd-core-\d+\.so$/;
const LIB_DRACUT = 'usr/lib/dracut-lib.sh';

/** The same program, for arm64: the machine is at byte 18 of an ELF file. */
function foreign(/** @type {Buffer} */ data) {
  if (data.toString('latin1', 0, 4) !== '\u007fELF') return data;
  const copy = Buffer.from(data);
  copy.writeUInt16LE(183, 18);
  return copy;
}

/** @type {readonly Case[]} */
export const PROGRAMS = [
  fault('init_missing', 'no /init', ALL, gone('init')),
  fault('init_missing', '/init is a link to nothing', [TOOLS, SYSTEMD_106, PLAIN], ({ members }) =>
    withLink(members, 'init', 'usr/lib/no/such'),
  ),
  fault('init_missing', 'no ld-linux', DRACUT, gone(LOADER)),
  // Its busybox is linked statically: init runs, and udev and kmod do not.
  fault('library_missing', 'no ld-linux but a static shell', [TOOLS], gone(LOADER), { slow: true }),
  fault(
    'init_missing',
    '/init has no interpreter, /sbin/init runs',
    SYSTEMD,
    ({ members }) => withFile(members, 'init', '#!/bin/no-such\n', 0o100755),
    { boots: null },
  ),

  fault('library_missing', 'no libc', ALL, gone(LIBC)),
  fault('library_missing', 'no libsystemd-core', SYSTEMD, gone(CORE)),
  fault('library_missing', 'e2fsck has no libext2fs', DRACUT, gone(/\/libext2fs\.so\.2/), { boots: null, slow: true }),
  nearMiss('library_missing', 'lvm has no libaio', [TOOLS], gone(/\/libaio\.so\.1/)),
  nearMiss('library_missing', 'lvm has no libedit', [TOOLS], gone(/\/libedit\.so\.2/)),
  nearMiss('library_missing', 'fsck.cramfs has no libz', [PLAIN, SYSTEMD_59], gone(/\/libz\.so\.1/)),
  nearMiss('library_missing', 'cp and mv have no libattr', [SYSTEMD_106, SYSTEMD_59], gone(/\/libattr\.so\.1/)),

  fault('program_damaged', 'libc, cut in half', ALL, damaged(LIBC, half)),
  fault('program_damaged', 'libsystemd-core, zeroed', SYSTEMD, damaged(CORE, zeroed)),
  fault('program_damaged', 'busybox, zeroed', [TOOLS], damaged(/^usr\/s?bin\/watchdog$/, zeroed)),
  fault('program_damaged', 'bash, zeroed', [PLAIN], damaged('usr/bin/bash', zeroed)),
  fault('program_damaged', 'e2fsck, zeroed', DRACUT, damaged('usr/sbin/e2fsck', zeroed), { boots: null, slow: true }),
  fault('program_damaged', 'udevadm, zeroed', [TOOLS, PLAIN], damaged('usr/bin/udevadm', zeroed), {
    boots: null,
    slow: true,
  }),
  nearMiss('program_damaged', 'lvm, zeroed', [TOOLS], damaged('usr/sbin/lvm', zeroed)),
  nearMiss('program_damaged', 'less, zeroed', [PLAIN, SYSTEMD_59], damaged('usr/bin/less', zeroed)),
  nearMiss('program_damaged', 'journalctl, zeroed', SYSTEMD, damaged('usr/bin/journalctl', zeroed)),

  fault('boot_program_missing', 'no switch_root', [PLAIN], gone('usr/sbin/switch_root')),
  fault('boot_program_missing', 'no run-init', [TOOLS], gone('usr/sbin/run-init'), { boots: null }),
  fault('boot_program_missing', 'no mount', [PLAIN, TOOLS], gone('usr/bin/mount')),
  fault('boot_program_missing', 'no systemctl', SYSTEMD, gone('usr/bin/systemctl'), { slow: true }),
  fault(
    'boot_program_missing',
    'no systemd-fstab-generator',
    SYSTEMD,
    gone('usr/lib/systemd/system-generators/systemd-fstab-generator'),
    { slow: true },
  ),
  nearMiss('boot_program_missing', 'no switch_root beside run-init', [TOOLS], gone('usr/sbin/switch_root')),
  nearMiss('boot_program_missing', 'no less', [SYSTEMD_59, PLAIN], gone('usr/bin/less')),
  nearMiss('boot_program_missing', 'no losetup', [SYSTEMD_106], gone('usr/sbin/losetup')),

  fault('script_missing', 'no dracut-lib.sh', DRACUT, gone(LIB_DRACUT), { boots: null }),
  fault('script_missing', 'no fs-lib.sh', [PLAIN, SYSTEMD_59], gone('usr/lib/fs-lib.sh'), { boots: null }),
  nearMiss('script_missing', 'a hook for time-outs is gone', DRACUT, gone(/hooks\/initqueue\/timeout\/.*\.sh$/)),

  fault('wrong_arch', 'built for arm64', ALL, damaged(/./, foreign)),
  nearMiss('wrong_arch', 'less is for arm64', [PLAIN, SYSTEMD_59], damaged('usr/bin/less', foreign)),
  nearMiss('wrong_arch', 'lvm is for arm64', [TOOLS], damaged('usr/sbin/lvm', foreign)),

  fault('dlopen_library_missing', 'udevd opens no libkmod', [SYSTEMD_106, SYSTEMD_112], gone(/\/libkmod\.so\.2/), {
    slow: true,
  }),
  nearMiss(
    'dlopen_library_missing',
    'udevd opens no libkmod, and has nothing to load',
    [TOOLS_148],
    gone(/\/libkmod\.so\.2/),
  ),
  nearMiss('dlopen_library_missing', 'systemd opens no liblz4', [SYSTEMD_106], gone(/\/liblz4\.so\.1/)),
];
