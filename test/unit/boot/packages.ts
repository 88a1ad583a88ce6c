/** Package facts of two real families: EL 8's, with every package in each version by one name, and Debian's, with versioned names. */
import type { HostFacts, KernelPackage, VersionLock } from '../../../src/host/types.ts';

export const EL = { old: '4.18.0-348.el8', new: '4.18.0-373.el8' } as const;
export const LIST = '/etc/dnf/plugins/versionlock.list';

const el = (
  name: string,
  version: string,
  boots = true,
  kernel: string | null = `${version}.x86_64`,
): KernelPackage => ({
  name,
  version,
  arch: 'x86_64',
  kernel,
  boots,
});

/** The family of EL 8 in these versions, oldest first; the headers are of one version alone. */
export function elFamily(...versions: readonly string[]): readonly KernelPackage[] {
  const each = ['kernel', 'kernel-core', 'kernel-modules', 'kernel-modules-extra'];
  return [
    ...versions.flatMap((version) => each.map((name) => el(name, version))),
    el('kernel-headers', versions[versions.length - 1] ?? '', false, null),
  ];
}

export function locks(version: string, ...names: readonly string[]): readonly VersionLock[] {
  return names.map((name) => ({ name, version, source: LIST }));
}
export const BOOTING = ['kernel', 'kernel-core', 'kernel-modules', 'kernel-modules-extra'] as const;

export const DEB = { old: '6.1.0-50-amd64', new: '6.1.0-56-amd64' } as const;
const VERSION: Readonly<Record<string, string>> = { [DEB.old]: '6.1.176-1', [DEB.new]: '6.1.192-2' };
const deb = (name: string, version: string, kernel: string | null, boots = true): KernelPackage => ({
  name,
  version,
  arch: 'amd64',
  kernel,
  boots,
});

/** Debian's family with these kernels, oldest first, and the metapackages that led to the last. */
export function debianFamily(...kernels: readonly string[]): readonly KernelPackage[] {
  const last = VERSION[kernels[kernels.length - 1] ?? ''] ?? '';
  return [
    ...kernels.flatMap((kernel) => [
      deb(`linux-image-${kernel}`, VERSION[kernel] ?? '', kernel),
      deb(`linux-headers-${kernel}`, VERSION[kernel] ?? '', kernel, false),
    ]),
    deb('linux-headers-amd64', last, null, false),
    deb('linux-image-amd64', last, null),
  ];
}

/** Holds: each freezes its package in the version that is installed. */
export function holds(family: readonly KernelPackage[], ...names: readonly string[]): readonly VersionLock[] {
  return names.map((name) => ({
    name,
    version: family.find((each) => each.name === name)?.version ?? '',
    source: 'dpkg',
  }));
}

/** What these packages and locks are as facts. */
export function packageFacts(
  kernels: readonly KernelPackage[] | null,
  locked: readonly VersionLock[],
  over: Partial<HostFacts['packages']> = {},
): HostFacts['packages'] {
  return { kernels, locks: locked, damaged: [], installonlyLimit: null, ...over };
}
