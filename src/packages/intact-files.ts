import { intactDpkgFiles } from './dpkg/files.ts';
import type { PackageFiles } from './package-files.ts';
import type { KernelPackage, PackageManagerName } from './types.ts';

/**
 * Those of a kernel's files that are just what its packages brought, with their bytes, by the database's own files. None where only a program
 * could tell: rpm's is asked for what a check cannot do without.
 * @param packages that make up the kernel
 */
export function intactFiles(
  files: PackageFiles,
  manager: PackageManagerName | null,
  packages: readonly Pick<KernelPackage, 'name' | 'arch'>[],
  paths: readonly string[],
): ReadonlyMap<string, Buffer> {
  if (manager !== 'apt') return new Map();
  return new Map(packages.flatMap((each) => intactDpkgFiles(files, each, paths)));
}
