/** Version locks as dnf, dnf5, yum and zypper keep them in files. */
import { parseZypperLocks, LOCKS_FILE } from './zypper/locks.ts';
import type { PackageFiles } from './package-files.ts';

/** One locked version, as far as files tell. */
export interface FileLock {
  /** Of the package, perhaps a shell pattern. */
  readonly name: string;
  /** `version-release`, perhaps with wildcards; without epoch and architecture. */
  readonly version: string;
  /** The file that says so. */
  readonly source: string;
}

const LISTS = ['/etc/dnf/plugins/versionlock.list', '/etc/yum/pluginconf.d/versionlock.list'];
const TOML = '/etc/dnf/versionlock.toml';

/** Every lock that ties a package to a version, or to the one that is installed; what merely bars a version is left out. */
export function readLockFiles(files: PackageFiles): readonly FileLock[] {
  const listed = LISTS.flatMap((path) => parseLockList(files.text(path) ?? '', path));
  const zypper = parseZypperLocks(files.text(LOCKS_FILE) ?? '').flatMap(({ name, version, source, excludes }) =>
    // A bare lock bars every version but the one that is there; one on a version bars no other.
    excludes && version !== '*' ? [] : [{ name, version, source }],
  );
  return [...listed, ...parseLockToml(files.text(TOML) ?? '', TOML), ...zypper];
}

/**
 * One lock a line: `kernel-core-0:4.18.0-348.el8.*` (dnf 4) or `0:kernel-3.10.0-1062.el7.*` (yum 3); `!` excludes,
 * `#` begins a comment. The architecture, or its `*`, is left off.
 */
export function parseLockList(text: string, source: string): readonly FileLock[] {
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
export function parseLockToml(text: string, source: string): readonly FileLock[] {
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
