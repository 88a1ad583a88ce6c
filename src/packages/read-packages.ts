/** What a check asks of packages: read from files where they tell, from rpm where its database has to be asked. */
import type { DamagedFile } from '../protocol/messages.ts';
import type { Runner } from '../system/runner.ts';
import { readDpkg } from './dpkg/read-dpkg.ts';
import { readInstallonlyLimit } from './installonly-limit.ts';
import { readLockFiles, type FileLock } from './lock-files.ts';
import { patternMatches } from './name-pattern.ts';
import type { PackageFiles } from './package-files.ts';
import { readRpm } from './rpm/read-rpm.ts';
import type { KernelPackage, PackageManagerName } from './types.ts';

/** A package whose files are no longer what it brought, or that is not whole. */
export interface DamagedPackage {
  readonly name: string;
  readonly version: string;
  /** The kernel that it belongs to; null for all others. */
  readonly kernel: string | null;
  readonly files: readonly DamagedFile[];
  /** The state that the package manager left it in, in its own word, where it is not whole: `half-configured`. */
  readonly unfinished?: string;
}

export interface PackageState {
  /** What makes up the installed kernels, oldest version first; null where the database could not be asked. */
  readonly kernels: readonly KernelPackage[] | null;
  /** Of the packages behind the boot. */
  readonly damaged: readonly DamagedPackage[];
  /** On any package; on kernels by name, without patterns, where they are known. */
  readonly locks: readonly FileLock[];
  /** How many kernels the package manager keeps; null: no limit. */
  readonly installonlyLimit: number | null;
}

export interface PackageQuestion {
  readonly manager: PackageManagerName | null;
  /** The kernels that are judged. */
  readonly kernels: readonly string[];
  /** Whether all its files are there: a file that is missing from a copy is not damaged. */
  readonly whole: boolean;
  /** Runs rpm on that host's database; null where that is not to be done. */
  readonly rpm: Runner | null;
}

/**
 * The packages that make an image, and those that the boot reads its modules and devices by, of every family: what is
 * looked at where it is installed.
 */
const BEHIND_THE_BOOT = [
  'kmod',
  'libkmod2',
  'kmod-libs',
  'udev',
  'systemd-udev',
  'dracut',
  'dracut-core',
  'initramfs-tools',
  'initramfs-tools-core',
];

/** Never throws for a host that is merely bad: what could not be had is left out. */
export async function readPackages(files: PackageFiles, question: PackageQuestion): Promise<PackageState> {
  const { manager, kernels, whole, rpm } = question;
  const installonlyLimit = readInstallonlyLimit(files, manager);
  const found =
    manager === 'apt'
      ? readDpkg(files, whole ? BEHIND_THE_BOOT : [], whole ? kernels : [])
      : rpm === null
        ? null
        : await readRpm(rpm, BEHIND_THE_BOOT);
  const locks = [...readLockFiles(files), ...(found?.locks ?? [])];
  return {
    kernels: found?.kernels ?? null,
    damaged: found?.damaged ?? [],
    locks: byName(locks, found?.kernels ?? null),
    installonlyLimit,
  };
}

/** What a pattern locks, told by the names of the kernel packages that it takes in. */
function byName(locks: readonly FileLock[], kernels: readonly KernelPackage[] | null): readonly FileLock[] {
  if (kernels === null) return locks;
  const names = [...new Set(kernels.map(({ name }) => name))];
  return locks.flatMap((lock) =>
    /[*?[]/.test(lock.name)
      ? names.filter((name) => patternMatches(lock.name, name)).map((name) => ({ ...lock, name }))
      : [lock],
  );
}
