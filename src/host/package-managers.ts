import { boolean } from './derived-shape.ts';
import { hasProgram, isFile, type HostTree } from './tree.ts';
import type { HostFacts } from './types.ts';

type PackageManager = NonNullable<HostFacts['packageManager']>;

/** By their programs, none is run: the first that is there installs kernels here, where it is rpm that has them. */
const RPM_MANAGERS: readonly (PackageManager & { readonly program: string })[] = [
  { name: 'zypper', program: 'zypper' },
  { name: 'dnf5', program: 'dnf5' },
  { name: 'dnf', program: 'dnf' },
  { name: 'yum', program: 'yum' },
];

const DPKG = '/var/lib/dpkg';
/** rpm's database: SQLite (with what is not merged yet), ndb, Berkeley DB; `_dbpath` in rpm's macros. */
const RPM_DATABASES = ['/var/lib/rpm', '/usr/lib/sysimage/rpm'].flatMap((at) =>
  ['rpmdb.sqlite', 'rpmdb.sqlite-wal', 'Packages.db', 'Packages'].map((name) => `${at}/${name}`),
);
const SEARCHED = 256 * 1024 * 1024;

/** What installs kernels on this host. A Debian with rpm's tools is dpkg's, unless its kernels are rpm's and not dpkg's. */
export async function readPackageManager(tree: HostTree): Promise<HostFacts['packageManager']> {
  const there = RPM_MANAGERS.filter(({ program }) => hasProgram(tree, program));
  // Where somebody put zypper beside dnf, it has no repository to install a kernel from.
  const found = there.find(({ name }) => name !== 'zypper' || hasRepositories(tree)) ?? there[0];
  const rpm = found === undefined ? null : { name: found.name };
  if (!isFile(tree, `${DPKG}/status`) || !hasProgram(tree, 'apt-get')) return rpm;
  return rpm !== null && (await areKernelsOfRpm(tree)) ? rpm : { name: 'apt' };
}

function hasRepositories(tree: HostTree): boolean {
  return tree.list('/etc/zypp/repos.d').some((name) => name.endsWith('.repo'));
}

/** Whether rpm's database names a kernel that dpkg has no package for. Only asked where both are there. */
function areKernelsOfRpm(tree: HostTree): Promise<boolean> {
  return tree.derive('kernels of rpm', boolean, (plain) => {
    const databases = RPM_DATABASES.filter((path) => isFile(plain, path));
    if (databases.length === 0) return Promise.resolve(false);
    const ofDpkg = plain.list(`${DPKG}/info`).filter((name) => name.endsWith('.list'));
    const kernels = [...new Set(['/usr/lib/modules', '/lib/modules'].flatMap((at) => plain.list(at)))];
    const others = kernels.filter((kernel) => !ofDpkg.some((name) => name.endsWith(`-${kernel}.list`)));
    if (others.length < kernels.length || others.length === 0) return Promise.resolve(false);
    const texts = databases.map((path) => plain.bytes(path, SEARCHED) ?? Buffer.alloc(0));
    return Promise.resolve(others.some((kernel) => texts.some((bytes) => bytes.includes(`/lib/modules/${kernel}`))));
  });
}
