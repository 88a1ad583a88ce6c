import { BellwetherError } from '../../protocol/errors.ts';
import type { RunOptions, Runner } from '../../system/runner.ts';
import { isOnAny } from '../name-pattern.ts';
import { OWN_CACHE, withOwnCache } from '../own-cache.ts';
import { inTwoSteps, runOptionsOf } from '../transactions.ts';
import { queryKernels, queryRpm } from '../rpm/query.ts';
import { verifyWithRpm } from '../rpm/verify.ts';
import { compareEvr } from '../../versions/rpm-versions.ts';
import type { Lock, Package, PackageManager, PlannedCommand } from '../types.ts';
import { versionAbsent } from '../version-absent.ts';
import { linesOf, LOCKS_FILE, parseZypperLocks, planZypperLock, planZypperUnlock } from './locks.ts';
import { resolveUpdate, runZypper, ZYPPER, ZYPPER_XML } from './run.ts';
import { ZYPPER_EXITS, zypperTrouble } from './trouble.ts';
import { parseSolvables, type Solvable } from './xml.ts';

const INSTALL = ['--name', '--no-recommends', '--auto-agree-with-licenses'] as const;
const REMOVED = 'none: it would be removed';

/**
 * zypper and rpm.
 *
 * An exact version is pinned by the lock `NAME != VERSION`: everything else is locked out, and what is installed can still
 * be reinstalled, which a lock on the name or on the version itself forbids. Such a lock does not keep a package from
 * being removed: kernels go by `multiversion.kernels` in zypp.conf (`zypper purge-kernels`, by default all but the two
 * newest and the running one), as they go by `installonly_limit` elsewhere.
 */
export function openZypper(runner: Runner): PackageManager {
  let update: Promise<readonly Solvable[]> | undefined;

  const readLocks = async (): Promise<readonly Lock[]> => {
    const { exit, stdout, stderr } = await runner.run('cat', ['--', LOCKS_FILE], { accept: [0, 1] });
    if (exit === 0) return parseZypperLocks(stdout);
    if (stderr.includes('No such file or directory')) return [];
    throw new BellwetherError('command_failed', `${LOCKS_FILE} cannot be read: ${stderr.trim()}`);
  };

  const available = async (name: string): Promise<readonly Package[]> => {
    const search = ['search', '--details', '--match-exact', '--type', 'package', '--', name];
    const { notFound, skipped } = ZYPPER_EXITS;
    const { exit, stdout, output } = await runZypper(runner, [...ZYPPER_XML, ...search], [notFound, skipped]);
    const offered = parseSolvables(stdout).flatMap(({ attributes }) => {
      const { edition, arch, repository } = attributes;
      if (attributes.name !== name || repository === '(System Packages)') return [];
      return edition === undefined || arch === undefined ? [] : [{ name, version: withoutZeroEpoch(edition), arch }];
    });
    if (offered.length === 0 && exit === skipped) throw zypperTrouble(search, exit, output);
    return offered.sort((a, b) => compareEvr(a.version, b.version));
  };

  /** zypper "forces the installation" of what it has only installed, does nothing, and ends with 0: this asks first. */
  const refuseAbsent = async (packages: readonly Package[]): Promise<void> => {
    for (const each of packages) {
      const offered = await available(each.name);
      if (!offered.some(({ version }) => version === each.version)) throw versionAbsent(each, offered, compareEvr);
    }
  };

  const changeLocks = async ({ action, command }: PlannedCommand, options: RunOptions): Promise<void> => {
    await runZypper(runner, command, [], options);
    const lines = new Set((await readLocks()).map(({ line }) => line));
    const undone = linesOf(command).filter((line) => lines.has(line) !== (action === 'lock'));
    if (undone.length === 0) return;
    const what = action === 'lock' ? 'not locked' : 'still locked';
    throw new BellwetherError('not_effective', `zypper ended well, but ${undone.join(', ')}: ${what}`, {
      hint: 'zypper locks',
      at: { command: [...command] },
    });
  };

  return {
    name: 'zypper',
    installed: (names) => queryRpm(runner, names),
    kernelPackages: () => queryKernels(runner),
    verify: (names) => verifyWithRpm(runner, names),
    available,
    planReinstall: async (packages, cleanCache) => {
      await refuseAbsent(packages);
      const clean: PlannedCommand = {
        action: 'clean_cache',
        what: 'downloaded packages and metadata',
        command: [...ZYPPER, 'clean', '--all'],
      };
      if (!cleanCache) return onPackages('reinstall', [], '--force', packages);
      return [...onPackages('reinstall', ['--cache-dir', OWN_CACHE], '--force', packages), clean];
    },
    planInstall: async (packages) => {
      await refuseAbsent(packages);
      return onPackages('install', [], '--oldpackage', packages);
    },
    locks: async (asked) => {
      const [standing, names] = await Promise.all([readLocks(), asked]);
      return standing.filter((lock) => isOnAny(names, lock));
    },
    planLock: planZypperLock,
    planUnlock: planZypperUnlock,
    execute: async (planned, options) => {
      update = undefined;
      if (planned.action === 'lock' || planned.action === 'unlock') return changeLocks(planned, options);
      const { reboot, restart, skipped } = ZYPPER_EXITS;
      const how = { ...options, ...runOptionsOf(planned) };
      const { exit, output } = await withOwnCache(runner, planned, () =>
        runZypper(runner, planned.command, [reboot, restart, skipped], how),
      );
      const idle = /^Nothing to do\.$/m.test(output);
      if (exit === skipped && idle) throw zypperTrouble(planned.command, exit, output);
      const gone = /^Forcing installation of '(.*)' from repository '@System'\.$/m.exec(output)?.[1];
      if (gone !== undefined) throw zypperTrouble(planned.command, exit, `Package '${gone}' not found.`);
    },
    wouldMove: async ({ name, version, arch }) => {
      update ??= resolveUpdate(runner);
      const concerned = (await update).filter(
        ({ attributes }) => attributes.type === 'package' && attributes.name === name && attributes.arch === arch,
      );
      const editions = concerned.flatMap(({ list, attributes }) =>
        list === 'to-remove' || attributes.edition === undefined ? [] : [withoutZeroEpoch(attributes.edition)],
      );
      const taken = editions.find((edition) => edition !== version);
      if (taken !== undefined) return taken;
      const removed = concerned.some(({ list, attributes }) => list === 'to-remove' && attributes.edition === version);
      return removed ? REMOVED : null;
    },
  };
}

/**
 * The download, which may be ended at any time, and the transaction, which finds all in the cache. Names and versions, never
 * capabilities that others may provide too.
 */
function onPackages(
  action: 'install' | 'reinstall',
  where: readonly string[],
  option: string,
  packages: readonly Package[],
): readonly PlannedCommand[] {
  const words = [...INSTALL, option, '--', ...packages.map(({ name, version, arch }) => `${name}.${arch}=${version}`)];
  return inTwoSteps(
    action,
    packages,
    [...ZYPPER, ...where, 'install', '--download-only', ...words],
    [...ZYPPER, ...where, '--no-refresh', 'install', ...words],
  );
}

function withoutZeroEpoch(edition: string): string {
  return edition.replace(/^0:/, '');
}
