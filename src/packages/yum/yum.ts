import type { CommandResult } from '../../system/run-command.ts';
import type { RunOptions, Runner } from '../../system/runner.ts';
import { runDnf } from '../dnf/run.ts';
import { movedTo, parseDnfTransaction, type DnfRow } from '../dnf/transaction.ts';
import { openListLocks } from '../list-locks.ts';
import { OWN_CACHE, withOwnCache } from '../own-cache.ts';
import { inTwoSteps, runOptionsOf } from '../transactions.ts';
import { refuseUnlessOffered } from '../refuse-unless-offered.ts';
import { queryKernels, queryRpm } from '../rpm/query.ts';
import { verifyWithRpm } from '../rpm/verify.ts';
import { compareEvr, parseEvr } from '../../versions/rpm-versions.ts';
import type { Lock, Package, PackageManager, PlannedCommand } from '../types.ts';
import { parseYumList } from './list.ts';
import { yumTrouble } from './trouble.ts';
import { readYumLocks } from './versionlock.ts';

const YUM = ['yum', '--assumeyes', '--setopt=exit_on_lock=1'] as const;
/** No kernel removed for what is installed. */
const EXACTLY = ['--setopt=installonly_limit=0'] as const;
/** Of one kernel, and yet one at a time: installed in another version they move. The other packages of kernels stand side by side. */
const ONE_AT_A_TIME = /^(?!kernel)|-(?:headers|tools|tools-libs|tools-libs-devel|doc|abi-.*)$/;

/**
 * yum 3 and rpm: EL 7.
 *
 * A lock holds other versions back; it does not keep a package from being removed, and `installonly_limit` removes locked
 * kernels: `wouldMove` sees that. What is installed here removes none.
 */
export function openYum(runner: Runner): PackageManager {
  let update: Promise<readonly DnfRow[]> | undefined;
  const run = (command: readonly string[], options: RunOptions = {}): Promise<CommandResult> =>
    runDnf(runner, command, options, yumTrouble);
  const locks = openListLocks({ name: 'yum', read: () => readYumLocks(runner, run), addition: addLocks, run });

  const offered = async (names: readonly string[], fresh: boolean): Promise<readonly Package[]> => {
    const query = ['--showduplicates', 'list', 'available', '--', ...names];
    const command = [...YUM, ...(fresh ? ['--setopt=metadata_expire=1'] : []), ...query];
    const { exit, stdout, stderr } = await run(command, { accept: [0, 1] });
    const output = `${stdout}\n${stderr}`;
    if (exit !== 0 && !output.includes('No matching Packages to list')) throw yumTrouble(command, exit, output);
    return parseYumList(stdout).filter(({ name }) => names.includes(name));
  };

  /** yum reinstalls and installs those that it finds, and leaves the others: this asks first. */
  const refuseAbsent = async (packages: readonly Package[]): Promise<void> => {
    refuseUnlessOffered(packages, await offered([...new Set(packages.map(({ name }) => name))], true));
  };

  return {
    name: 'yum',
    installsPastLocks: true,
    installed: (names) => queryRpm(runner, names),
    kernelPackages: () => queryKernels(runner),
    verify: (names) => verifyWithRpm(runner, names),
    available: (name) => offered([name], false),
    planReinstall: async (packages, cleanCache) => {
      await refuseAbsent(packages);
      const clean: PlannedCommand = {
        action: 'clean_cache',
        what: 'downloaded packages and metadata',
        command: [...YUM, 'clean', 'all'],
      };
      if (!cleanCache) return onPackages('reinstall', 'reinstall', [], packages);
      return [...onPackages('reinstall', 'reinstall', [`--setopt=cachedir=${OWN_CACHE}`], packages), clean];
    },
    planInstall: async (packages) => {
      await refuseAbsent(packages);
      const installed = await queryRpm(runner, [...new Set(packages.map(({ name }) => name))]);
      // `install` of what is there in a later version does nothing, and says that there is nothing to do.
      const goesBack = ({ name, version, arch }: Package): boolean =>
        ONE_AT_A_TIME.test(name) &&
        installed.some((each) => each.name === name && each.arch === arch && compareEvr(each.version, version) > 0);
      const options = [...EXACTLY, ...locks.setAside(packages)];
      const [back, others] = [packages.filter(goesBack), packages.filter((each) => !goesBack(each))];
      return [
        ...(others.length === 0 ? [] : onPackages('install', 'install', options, others)),
        ...(back.length === 0 ? [] : onPackages('install', 'downgrade', options, back)),
      ];
    },
    locks: locks.locks,
    planLock: locks.planLock,
    planUnlock: locks.planUnlock,
    execute: async (planned, options) => {
      update = undefined;
      if (planned.action === 'lock' || planned.action === 'unlock') return locks.execute(planned, options);
      await withOwnCache(runner, planned, () => run(planned.command, { ...options, ...runOptionsOf(planned) }));
    },
    wouldMove: async (locked) => movedTo(await (update ??= resolveUpdate(run)), locked),
  };
}

/** What an update of the whole host would do. yum is told no, and then ends with 1. */
async function resolveUpdate(run: (command: readonly string[], options: RunOptions) => Promise<CommandResult>) {
  const command = ['yum', '--assumeno', '--setopt=exit_on_lock=1', 'update'];
  const { exit, stdout, stderr } = await run(command, { accept: [0, 1] });
  const output = `${stdout}\n${stderr}`;
  if (exit === 1 && !output.includes('Exiting on user command')) throw yumTrouble(command, exit, output);
  return parseDnfTransaction(stdout);
}

/** The download, which may be ended at any time, and the transaction, which finds all in the cache. */
function onPackages(
  action: 'install' | 'reinstall',
  subcommand: 'install' | 'reinstall' | 'downgrade',
  options: readonly string[],
  packages: readonly Package[],
): readonly PlannedCommand[] {
  const labels = packages.map(({ name, version, arch }) => {
    const { epoch, version: upstream, release } = parseEvr(version);
    return `${epoch === 0 ? '' : `${epoch}:`}${name}-${upstream}-${release ?? ''}.${arch}`;
  });
  const words = [subcommand, '--', ...labels];
  return inTwoSteps(action, packages, [...YUM, ...options, '--downloadonly', ...words], [...YUM, ...options, ...words]);
}

/** yum takes the lines for patterns of packages, installed ones first, and writes a line for each that it finds. */
function addLocks(locks: readonly Lock[]): PlannedCommand {
  const lines = locks.map(({ line }) => line);
  return { action: 'lock', what: lines.join(' '), command: [...YUM, 'versionlock', 'add', '--', ...lines] };
}
