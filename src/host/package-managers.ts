import { hasProgram, isFile, type HostTree } from './tree.ts';
import type { HostFacts } from './types.ts';

type PackageManager = NonNullable<HostFacts['packageManager']>;

/** By their files, none is run; the first that is there installs kernels here. A Debian with rpm tools is still dpkg's. */
const PACKAGE_MANAGERS: readonly (PackageManager & { readonly isHere: (tree: HostTree) => boolean })[] = [
  { name: 'apt', isHere: (tree) => isFile(tree, '/var/lib/dpkg/status') && hasProgram(tree, 'apt-get') },
  { name: 'zypper', isHere: (tree) => hasProgram(tree, 'zypper') },
  { name: 'dnf5', isHere: (tree) => hasProgram(tree, 'dnf5') },
  { name: 'dnf', isHere: (tree) => hasProgram(tree, 'dnf') },
  { name: 'yum', isHere: (tree) => hasProgram(tree, 'yum') },
];

/** The package manager that this host has. */
export function readPackageManager(tree: HostTree): HostFacts['packageManager'] {
  const found = PACKAGE_MANAGERS.find(({ isHere }) => isHere(tree));
  return found === undefined ? null : { name: found.name };
}
