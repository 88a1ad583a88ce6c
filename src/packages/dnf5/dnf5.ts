import { BellwetherError } from '../../protocol/errors.ts';
import type { Runner } from '../../system/runner.ts';
import { lockSpec, planDnf5Lock, planDnf5Unlock } from './locking.ts';
import { queryDnf5, resolveUpgrade, runDnf5 } from './run.ts';
import { isRemoved, isTaken, type TransactionRow } from './transaction.ts';
import { formatVersionlockFile, lockOf, parseVersionlockList, type LockEntry } from './versionlock.ts';
import { isOnAny } from '../name-pattern.ts';
import { OWN_CACHE, withOwnCache } from '../own-cache.ts';
import { inTwoSteps, runOptionsOf } from '../transactions.ts';
import { queryKernels, queryRpm } from '../rpm/query.ts';
import { verifyWithRpm } from '../rpm/verify.ts';
import { compareEvr } from '../../versions/rpm-versions.ts';
import type { Package, PackageManager, PlannedCommand } from '../types.ts';
import { versionAbsent } from '../version-absent.ts';

/** Any transaction of dnf 5 removes the kernels that are too many, be it about a package that has nothing to do with them. */
const EXACTLY = ['--setopt=installonly_limit=0', '--setopt=install_weak_deps=0'] as const;
/** Of root and of others. */
const IN_OWN_CACHE = [`--setopt=system_cachedir=${OWN_CACHE}`, `--setopt=cachedir=${OWN_CACHE}`] as const;
const REMOVED = 'none: it would be removed';

/**
 * dnf 5 and rpm.
 *
 * A lock holds other versions back; it does not keep a package from being removed, and `installonly_limit` removes locked
 * kernels: `wouldMove` sees that. What is installed or reinstalled here removes none. A lock on another version is in the
 * way of an installation, so whoever locks anew locks first.
 */
export function openDnf5(runner: Runner): PackageManager {
  let upgrade: Promise<readonly TransactionRow[]> | undefined;
  let entries: readonly LockEntry[] = [];

  const readEntries = async (): Promise<readonly LockEntry[]> => {
    const { stdout } = await runDnf5(runner, ['dnf5', 'versionlock', 'list']);
    return (entries = parseVersionlockList(stdout));
  };

  const offered = async (names: readonly string[], fresh: boolean): Promise<readonly Package[]> =>
    [...(await queryDnf5(runner, names, fresh))].sort((a, b) => compareEvr(a.version, b.version));

  /** Of what the repositories have now, before anything is changed. */
  const refuseAbsent = async (packages: readonly Package[]): Promise<void> => {
    const all = await offered([...new Set(packages.map(({ name }) => name))], true);
    for (const each of packages) {
      const fellows = all.filter(({ name }) => name === each.name);
      if (fellows.some(({ version, arch }) => version === each.version && arch === each.arch)) continue;
      throw versionAbsent(each, fellows, compareEvr);
    }
  };

  /** Where the whole file is written, others may have written it since it was read. */
  const refuseIfChanged = async (): Promise<void> => {
    const planned = formatVersionlockFile(entries);
    if (formatVersionlockFile(await readEntries()) === planned) return;
    throw new BellwetherError('busy', 'the version locks were changed by another program meanwhile', {
      hint: 'run it again',
    });
  };

  /** `versionlock` ends with 0 whether or not it did what it was asked: what it left is read back. */
  const prove = async (planned: PlannedCommand): Promise<void> => {
    const undone = notDone(planned, await readEntries());
    if (undone.length === 0) return;
    throw new BellwetherError('not_effective', `dnf5 ended well, but left ${undone.join(', ')}`, {
      hint: 'dnf5 versionlock list',
      at: { command: [...planned.command] },
    });
  };

  return {
    name: 'dnf5',
    installed: (names) => queryRpm(runner, names),
    kernelPackages: () => queryKernels(runner),
    verify: (names) => verifyWithRpm(runner, names),
    available: (name) => offered([name], false),
    planReinstall: async (packages, cleanCache) => {
      await refuseAbsent(packages);
      const clean: PlannedCommand = {
        action: 'clean_cache',
        what: 'downloaded packages and metadata',
        command: ['dnf5', '--assumeyes', 'clean', 'all'],
      };
      return cleanCache
        ? [...onPackages('reinstall', IN_OWN_CACHE, packages), clean]
        : onPackages('reinstall', [], packages);
    },
    planInstall: async (packages) => {
      await refuseAbsent(packages);
      return onPackages('install', [], packages);
    },
    locks: async (asked) => {
      const names = await asked;
      return (await readEntries()).filter((entry) => entry.fault === null && isOnAny(names, entry)).map(lockOf);
    },
    planLock: (standing, wanted, exclusive) => planDnf5Lock(entries, standing, wanted, exclusive),
    planUnlock: (locks) => planDnf5Unlock(entries, locks),
    execute: async (planned, options) => {
      upgrade = undefined;
      const { action, command, input } = planned;
      if (input !== undefined) await refuseIfChanged();
      const how = { ...options, ...runOptionsOf(planned), ...(input === undefined ? {} : { input }) };
      await withOwnCache(runner, planned, () => runDnf5(runner, command, how));
      if (action === 'lock' || action === 'unlock') await prove(planned);
    },
    wouldMove: async ({ name, version, arch }) => {
      upgrade ??= resolveUpgrade(runner);
      const rows = (await upgrade).filter((row) => row.name === name && row.arch === arch);
      const taken = rows.find((row) => isTaken(row) && row.version !== version);
      if (taken !== undefined) return taken.version;
      return rows.some((row) => isRemoved(row) && row.version === version) ? REMOVED : null;
    },
  };
}

/** The download, which may be ended at any time, and the transaction, which asks no repository any more. */
function onPackages(
  action: 'install' | 'reinstall',
  options: readonly string[],
  packages: readonly Package[],
): readonly PlannedCommand[] {
  const dnf = ['dnf5', '--assumeyes', ...EXACTLY, ...options] as const;
  const specs = packages.map(({ name, version, arch }) => `${name}-${version}.${arch}`);
  return inTwoSteps(
    action,
    packages,
    [...dnf, action, '--downloadonly', '--', ...specs],
    [...dnf, '--cacheonly', action, '--', ...specs],
  );
}

/** What a `versionlock` command, or the file written in its place, should have done and did not. */
function notDone({ action, command, input }: PlannedCommand, left: readonly LockEntry[]): readonly string[] {
  if (input !== undefined) return formatVersionlockFile(left) === input ? [] : ['another file than was written'];
  const [, , , , , ...specs] = command;
  if (action === 'unlock') return specs.filter((name) => left.some((entry) => entry.name === name));
  const locked = new Set(left.map(lockOf).flatMap((lock) => (lock.excludes ? [] : [lockSpec(lock)])));
  return specs.filter((spec) => !locked.has(spec)).map((spec) => `${spec} unlocked`);
}
