/** What the operations know of package managers: one interface, one adapter each. */
import type { DamagedFile } from '../protocol/messages.ts';

export type PackageManagerName = 'dnf' | 'dnf5' | 'yum' | 'apt' | 'zypper';

/** One package in one version. */
export interface Package {
  readonly name: string;
  /** `[epoch:]version-release`, an epoch of 0 left off; for dpkg its whole version. */
  readonly version: string;
  /** As the package manager writes it: x86_64, noarch, amd64, all… */
  readonly arch: string;
}

export interface InstalledPackage extends Package {
  /** The kernel, as `uname -r` prints it, that it belongs to; null for packages of no one kernel. */
  readonly kernel: string | null;
}

/** One of the packages that make up kernels. */
export interface KernelPackage extends InstalledPackage {
  /** It holds what boots, or brings the next of it: no headers, tools, documentation. */
  readonly boots: boolean;
}

/** What the package manager's own verification says of one installed package. */
export interface Verified extends Package {
  /** What differs from what the package brought; harmless: configuration, documentation, or the mtime alone. */
  readonly files: readonly DamagedFile[];
  /** Any of the files differs, and not harmlessly; or it is unfinished. */
  readonly damaged: boolean;
  /** The state that the package manager left it in, in its own word, where it is not whole: `half-configured`. */
  readonly unfinished?: string;
}

/** One version lock as it stands. */
export interface Lock {
  readonly name: string;
  /** `[epoch:]version-release`, perhaps with wildcards. */
  readonly version: string;
  /** As it stands where it is kept: the whole line, block or hold. */
  readonly line: string;
  /** The file that keeps it, or `dpkg` for a hold. */
  readonly source: string;
  /** It forbids this version rather than all others. */
  readonly excludes: boolean;
}

/** One command of a plan. */
export interface PlannedCommand {
  readonly action: 'clean_cache' | 'download' | 'configure' | 'reinstall' | 'install' | 'unlock' | 'lock';
  /** The packages, or what else it is about, in words. */
  readonly what: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly input?: string;
  /** Packages whose locks it puts back, which an earlier command of the plan took away: it is run whatever became of those. */
  readonly restores?: readonly string[];
}

/** How the locks on some packages become those that are asked for. */
export interface LockPlan {
  readonly remove: readonly Lock[];
  /** Exactly as they will be read back. */
  readonly add: readonly Lock[];
  readonly commands: readonly PlannedCommand[];
}

/**
 * One host's package manager. Whatever it runs may throw `program_absent`, `timed_out`, `command_failed`, `busy` (another
 * run of the package manager holds its own lock) and `repository_unreachable`.
 */
export interface PackageManager {
  readonly name: PackageManagerName;
  /** Those of these names that are installed: every version of each, oldest first. */
  installed(names: readonly string[]): Promise<readonly InstalledPackage[]>;
  /** All installed packages that make up kernels, oldest version first. */
  kernelPackages(): Promise<readonly KernelPackage[]>;
  /** The package's own verification; packages that are not installed are left out. */
  verify(names: readonly string[]): Promise<readonly Verified[]>;
  /** Every version of the package that the repositories offer, oldest first. */
  available(name: string): Promise<readonly Package[]>;
  /**
   * Downloading exactly these versions, then reinstalling them. Where clean caches are asked for, what is downloaded goes
   * to a folder of its own, and the caches are emptied when all is done. What is unfinished, and otherwise intact, is but
   * configured. Nothing is changed.
   * @throws BellwetherError `version_absent` where no repository has one of them
   */
  planReinstall(
    packages: readonly (Package & Partial<Pick<Verified, 'files' | 'unfinished'>>)[],
    cleanCache: boolean,
  ): readonly PlannedCommand[] | Promise<readonly PlannedCommand[]>;
  /** Downloading exactly these versions, then installing them beside what is there. Nothing is changed. @throws as `planReinstall` */
  planInstall(packages: readonly Package[]): readonly PlannedCommand[] | Promise<readonly PlannedCommand[]>;
  /** What `planInstall` plans does not heed the locks that stand on these packages. */
  readonly installsPastLocks?: true;
  /**
   * The locks on these packages, or all where no names are given. Which they are may still be found out: reading need not
   * wait for it.
   */
  locks(names?: readonly string[] | Promise<readonly string[]>): Promise<readonly Lock[]>;
  /**
   * From the locks as they stand to exactly `wanted`. Nothing is run.
   * @param exclusive whether other locks on the same packages go
   */
  planLock(standing: readonly Lock[], wanted: readonly InstalledPackage[], exclusive: boolean): LockPlan;
  /** Removing these locks and no others. Nothing is run. */
  planUnlock(locks: readonly Lock[]): LockPlan;
  /**
   * Runs one command of a plan. One that installs, reinstalls or configures is never ended halfway: by no time limit, and
   * not where the runner's signal is aborted meanwhile.
   */
  execute(command: PlannedCommand, options: { onLine?: (line: string) => void }): Promise<void>;
  /**
   * Asks the resolver, changing nothing, whether it would move a package off the version that it is locked to.
   * @returns the version that it would take instead, null where it stays
   */
  wouldMove(locked: Package): Promise<string | null>;
}
