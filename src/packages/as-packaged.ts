import type { Runner } from '../system/runner.ts';
import { isAsDpkgBrought } from './dpkg/files.ts';
import type { PackageFiles } from './package-files.ts';
import { isAsRpmBrought } from './rpm/brought.ts';
import type { PackageManagerName } from './types.ts';

/**
 * Whether a file of the host is just what its package brought; null where nothing tells.
 * @param rpm runs rpm on that host's database; null where that is not to be done
 * @throws BellwetherError as running rpm does
 */
export async function isAsPackaged(
  files: PackageFiles,
  path: string,
  { manager, rpm }: { readonly manager: PackageManagerName | null; readonly rpm: Runner | null },
): Promise<boolean | null> {
  if (manager === 'apt') return isAsDpkgBrought(files, path);
  return rpm === null ? null : isAsRpmBrought(files, path, rpm);
}
