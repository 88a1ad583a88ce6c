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
  'patchelf',
  'python3-venv',
  'rpm',
  'systemd',
  'udev',
  'util-linux',
  'xz-utils',
  'zstd',
];

/** Those of PACKAGES that are not installed. */
async function absent() {
  const text = await run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\\n', ...PACKAGES]).catch(
    (/** @type {Error} */ error) => error.message, // names the unknown ones, and lists the others
  );
  return PACKAGES.filter((name) => !text.includes(`${name} installed`));
}

export async function isDone() {
  return (await hasProgram('dpkg-query')) && (await absent()).length === 0;
}

export async function make() {
  if (!(await hasProgram('apt-get'))) throw new Error('this is no Debian: no apt-get');
  const wanted = await absent();
  if (process.getuid?.() !== 0) throw new Error(`as root: apt-get install ${wanted.join(' ')}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = () =>
    runOnline('apt-get', ['install', '-qq', '-y', '--no-install-recommends', '--no-remove', ...wanted], { env });
  // Package lists that are too old name a file that the mirror no longer has.
  await install().catch(async () => {
    await runOnline('apt-get', ['update', '-qq']);
    await install();
  });
}
