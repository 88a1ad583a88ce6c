import type { PackageFiles } from './package-files.ts';
import type { PackageManagerName } from './types.ts';

/** Main configuration and drop-ins, the last that says something counts. dnf.conf(5), dnf5.conf(5), yum.conf(5) */
const FILES: Partial<Readonly<Record<PackageManagerName, readonly string[]>>> = {
  dnf: ['/etc/dnf/dnf.conf'],
  dnf5: ['/usr/share/dnf5/libdnf.conf.d/', '/etc/dnf/libdnf5.conf.d/', '/etc/dnf/dnf.conf'],
  yum: ['/etc/yum.conf'],
};
const DEFAULT = 3;

/** How many kernels the package manager keeps side by side; null where it sets no limit. */
export function readInstallonlyLimit(files: PackageFiles, manager: PackageManagerName | null): number | null {
  const told = manager === null ? undefined : FILES[manager];
  if (told === undefined) return null;
  const paths = told.flatMap((path) =>
    path.endsWith('/')
      ? files
          .list(path)
          .filter((name) => name.endsWith('.conf'))
          .map((name) => path + name)
      : [path],
  );
  const limits = paths.flatMap((path) => parseInstallonlyLimit(files.text(path) ?? '') ?? []);
  const limit = limits[limits.length - 1] ?? DEFAULT;
  return limit === 0 ? null : limit;
}

/** The value in the section `[main]`; 0 is no limit, null: it says nothing of it. */
export function parseInstallonlyLimit(text: string): number | null {
  let section = '';
  let limit: number | null = null;
  for (const line of text.split('\n')) {
    section = /^\[([^\]]*)\]/.exec(line)?.[1] ?? section;
    const value = section === 'main' ? /^installonly_limit\s*[=:]\s*(\S+)/.exec(line)?.[1] : undefined;
    if (value === '<off>') limit = 0;
    else if (value !== undefined && /^\d+$/.test(value)) limit = Number(value);
  }
  return limit;
}
