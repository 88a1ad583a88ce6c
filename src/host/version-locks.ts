/** Version locks on kernel packages, as dnf, dnf5 and yum keep them. */
import type { HostTree } from './tree.ts';
import type { VersionLock } from './types.ts';

const LISTS = ['/etc/dnf/plugins/versionlock.list', '/etc/yum/pluginconf.d/versionlock.list'];
const TOML = '/etc/dnf/versionlock.toml';

/** Packages that bring a bootable kernel themselves, or lead to one: what locks on them say, the kernel must keep. */
const KERNEL_PACKAGES = /^kernel(?:-(?:core|default|rt|rt-core|uek|uek-core|lt|ml|plus|64k|64k-core|16k|16k-core))?$/;

/** The locks on kernel packages; those on other packages, and exclusions, are left out. */
export function readVersionLocks(tree: HostTree): VersionLock[] {
  const listed = LISTS.flatMap((path) => parseLockList(tree.text(path) ?? '', path));
  return [...listed, ...parseLockToml(tree.text(TOML) ?? '', TOML)].filter(({ name }) => KERNEL_PACKAGES.test(name));
}

/**
 * One lock a line: `kernel-core-0:4.18.0-348.el8.*` (dnf 4) or `0:kernel-3.10.0-1062.el7.*` (yum 3); `!` excludes,
 * `#` begins a comment. The architecture, or its `*`, is left off.
 */
export function parseLockList(text: string, source: string): VersionLock[] {
  return text.split('\n').flatMap((line) => {
    const match =
      /^(?<name>[^\s!#:]+)-(?:\d+|\*):(?<version>[^\s-]+)-(?<release>\S+)$/.exec(line.trim()) ??
      /^(?:\d+|\*):(?<name>[^\s!#:]+)-(?<version>[^\s-]+)-(?<release>\S+)$/.exec(line.trim());
    const { name, version, release } = match?.groups ?? {};
    if (name === undefined || version === undefined || release === undefined) return [];
    return [{ name, version: `${version}-${withoutArch(release)}`, source }];
  });
}

/**
 * dnf5's file: `[[packages]]` with a `name`, each with `[[packages.conditions]]` of `key`, `comparator`, `value`. Only
 * equality pins a version; the file is the tool's own, so its own way of writing is what is read.
 */
export function parseLockToml(text: string, source: string): VersionLock[] {
  return text.split(/^\s*\[\[packages\]\]\s*$/m).flatMap((block) => {
    const [head = '', ...conditions] = block.split(/^\s*\[\[packages\.conditions\]\]\s*$/m);
    const name = setting(head, 'name');
    if (name === null) return [];
    return conditions.flatMap((condition) => {
      const value = setting(condition, 'value');
      const key = setting(condition, 'key');
      if (value === null || key !== 'evr' || !/^={1,2}$/.test(setting(condition, 'comparator') ?? '')) return [];
      return [{ name, version: value.replace(/^\d+:/, ''), source }];
    });
  });
}

function setting(text: string, key: string): string | null {
  return new RegExp(`^\\s*${key}\\s*=\\s*["']([^"']*)["']`, 'm').exec(text)?.[1] ?? null;
}

function withoutArch(release: string): string {
  return release.replace(/\.(?:\*|noarch|x86_64|i[3-6]86|aarch64|ppc64le|s390x|riscv64)$/, '');
}
