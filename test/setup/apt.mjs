// @ts-check
// The Debian packages that the tests use. Installed beside what is there: nothing is ever removed.
import { hasProgram, run, runOnline } from './command.mjs';

// dracut-core, unlike dracut, lives beside initramfs-tools and takes over no hook.
export const PACKAGES = [
  'binutils',
  'bzip2',
  'cpio',
  'createrepo-c',
  'debootstrap',
  'dmsetup',
  'dnf',
  'dnf-plugins-core',
  'dracut-core',
  'e2fsprogs',
  'kmod',
  'lvm2',
  'lz4',
  'lzop',
  'openssh-client',
  'openssh-server',
  'openssl',
  'patchelf',
  'python3-venv',
  'rpm',
  'systemd',
  'udev',
  'util-linux',
  'xz-utils',
  'zstd',
];

/** What boots guests: some 300 MB with what they depend on, so a step of its own. */
export const EMULATOR_PACKAGES = ['busybox-static', 'qemu-system-x86'];

/**
 * The set-up step that installs these packages.
 * @param {readonly string[]} packages
 */
export function installing(packages) {
  return {
    isDone: async () => (await hasProgram('dpkg-query')) && (await absentOf(packages)).length === 0,
    make: () => install(packages),
  };
}

/**
 * Those of `packages` that are not installed.
 * @param {readonly string[]} packages
 */
async function absentOf(packages) {
  const text = await run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\\n', ...packages]).catch(
    (/** @type {Error} */ error) => error.message, // names the unknown ones, and lists the others
  );
  return packages.filter((name) => !text.includes(`${name} installed`));
}

/** @param {readonly string[]} packages */
async function install(packages) {
  if (!(await hasProgram('apt-get'))) throw new Error('this is no Debian: no apt-get');
  const wanted = await absentOf(packages);
  if (process.getuid?.() !== 0) throw new Error(`as root: apt-get install ${wanted.join(' ')}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const once = () =>
    runOnline('apt-get', ['install', '-qq', '-y', '--no-install-recommends', '--no-remove', ...wanted], { env });
  // Package lists that are too old name a file that the mirror no longer has.
  await once().catch(async () => {
    await runOnline('apt-get', ['update', '-qq']);
    await once();
  });
}
