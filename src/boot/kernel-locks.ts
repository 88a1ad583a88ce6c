/** Which locks bear on which of the packages that a kernel is made of. */
import type { HostFacts, KernelPackage, VersionLock } from '../host/types.ts';
import { matchesAlias } from './drivers/alias-match.ts';

/** Packages that bring a bootable kernel themselves, or lead to one: where the database was not asked, their names tell. */
const BOOTS =
  /^kernel(?:-(?:rt|uek|lt|ml|plus|longterm|mainline|64k|16k|zfcpdump|azure|debug))?(?:-(?:core|modules|modules-core|modules-extra|default|default-base|uki-virt))?$/;

/** What there is to say of the locks on one kernel. */
export interface KernelLocks {
  /** The packages that boot as K, and those that lead to the next kernel. */
  readonly members: readonly KernelPackage[];
  /** The locks that bear on a package, by its name. */
  readonly locksOn: (name: string) => readonly VersionLock[];
}

/** Null where it is not known which packages make up the kernel, or none does. */
export function kernelLocks({ packages }: HostFacts, kernel: string): KernelLocks | null {
  const members =
    packages.kernels?.filter((each) => each.boots && (each.kernel === kernel || each.kernel === null)) ?? [];
  if (!members.some((each) => each.kernel === kernel)) return null;
  return { members, locksOn: (name) => packages.locks.filter((lock) => lock.name === name) };
}

/** The locks on what boots, whichever kernel that is. */
export function bootingLocks({ packages }: HostFacts): readonly VersionLock[] {
  const names = packages.kernels?.filter(({ boots }) => boots).map(({ name }) => name);
  return packages.locks.filter(({ name }) => names?.includes(name) ?? BOOTS.test(name));
}

/** Whether a lock is for this version: an epoch is no part of what locks are compared by. */
export function locksVersion(lock: VersionLock, version: string): boolean {
  return matchesAlias(withoutEpoch(lock.version), withoutEpoch(version));
}

export function describeLocks(locks: readonly VersionLock[]): readonly string[] {
  return locks.map(({ name, version }) => `${name} ${version}`);
}

/** The version that all of these name; null where they differ, or one is a pattern. */
export function onlyVersion(locks: readonly Pick<VersionLock, 'version'>[]): string | null {
  const versions = new Set(locks.map(({ version }) => version));
  const [first] = versions;
  return first !== undefined && versions.size === 1 && !/[*?[]/.test(first) ? first : null;
}

export function sourcesOf(locks: readonly VersionLock[]): readonly string[] {
  return [...new Set(locks.map(({ source }) => source))];
}

function withoutEpoch(version: string): string {
  return version.replace(/^(?:\d+|\*):/, '');
}
