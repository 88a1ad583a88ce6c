import type { BellwetherError } from '../../protocol/errors.ts';
import type { Runner } from '../../system/runner.ts';
import { DNF, runDnf } from './run.ts';
import { movedTo, parseDnfTransaction, type DnfRow } from './transaction.ts';
import { dnfTrouble, ignoredRepositories } from './trouble.ts';
import { readDnfLocks, VERSIONLOCK } from './versionlock.ts';
import { inTurn } from '../in-turn.ts';
import { OWN_CACHE, withOwnCache } from '../own-cache.ts';
import { inTwoSteps, runOptionsOf } from '../transactions.ts';
import { openListLocks } from '../list-locks.ts';
import { queryKernels, queryRpm } from '../rpm/query.ts';
import { verifyWithRpm } from '../rpm/verify.ts';
import { compareEvr } from '../../versions/rpm-versions.ts';
import type { Lock, Package, PackageManager, PlannedCommand } from '../types.ts';
import { refuseUnlessOffered } from '../refuse-unless-offered.ts';

/** Just these packages, and no kernel removed for them. */
const EXACTLY = ['--setopt=installonly_limit=0', '--setopt=install_weak_deps=0'] as const;

/**
 * dnf 4 and rpm.
 *
 * A lock holds other versions back; it does not keep a package from being removed, and `installonly_limit` removes locked
 * kernels: `wouldMove` sees that. What is installed here removes none.
 */
export function openDnf(host: Runner): PackageManager {
  const runner = inTurn('dnf', host);
  let upgrade: Promise<readonly DnfRow[]> | undefined;
  /** By what was asked: whoever asks for one package of a kernel asks for all of them, one after the other. */
  const offers = new Map<string, Promise<Offer>>();
  const offerOf = (name: string): Promise<Offer> => {
    const spec = name.startsWith('kernel') ? 'kernel*' : name;
    const known = offers.get(spec) ?? offered(runner, [spec], false);
    offers.set(spec, known);
    return known;
  };
  const locks = openListLocks({
    name: 'dnf',
    read: () => readDnfLocks(runner),
    addition: addLocks,
    run: (command, options) => runDnf(runner, command, options),
  });

  /** dnf reinstalls those that it finds, and leaves the others: this asks first, of what the repositories have now. */
  const refuseAbsent = async (packages: readonly Package[]): Promise<void> => {
    const offer = await offered(runner, [...new Set(packages.map(({ name }) => name))], true);
    try {
      refuseUnlessOffered(packages, offer.packages);
    } catch (absent) {
      throw offer.without ?? absent;
    }
  };

  return {
    name: 'dnf',
    installsPastLocks: true,
    installed: (names) => queryRpm(runner, names),
    kernelPackages: () => queryKernels(runner),
    verify: (names) => verifyWithRpm(runner, names),
    available: async (name) => {
      const { packages, without } = await offerOf(name);
      const own = packages.filter((each) => each.name === name);
      if (own.length === 0 && without !== null) throw without;
      return own;
    },
    planReinstall: async (packages, cleanCache) => {
      await refuseAbsent(packages);
      const clean: PlannedCommand = {
        action: 'clean_cache',
        what: 'downloaded packages and metadata',
        command: [...DNF, 'clean', 'all'],
      };
      if (!cleanCache) return onPackages('reinstall', [], packages);
      return [...onPackages('reinstall', [`--setopt=cachedir=${OWN_CACHE}`], packages), clean];
    },
    planInstall: async (packages) => {
      await refuseAbsent(packages);
      return onPackages('install', [...EXACTLY, ...locks.setAside(packages)], packages);
    },
    locks: locks.locks,
    planLock: locks.planLock,
    planUnlock: locks.planUnlock,
    execute: async (planned, options) => {
      upgrade = undefined;
      offers.clear();
      if (planned.action === 'lock' || planned.action === 'unlock') return locks.execute(planned, options);
      await withOwnCache(runner, planned, () =>
        runDnf(runner, planned.command, { ...options, ...runOptionsOf(planned) }),
      );
    },
    wouldMove: async (locked) => movedTo(await (upgrade ??= resolveUpgrade(runner)), locked),
  };
}

interface Offer {
  /** Oldest first. */
  readonly packages: readonly Package[];
  /** The error to be told where something is missing: repositories that dnf went on without. */
  readonly without: BellwetherError | null;
}

/**
 * What the repositories have of these names, or patterns of names.
 * @param fresh whether metadata that is still valid is looked at anew
 */
async function offered(runner: Runner, names: readonly string[], fresh: boolean): Promise<Offer> {
  const format = '%{name}\\t%{epoch}:%{version}-%{release}\\t%{arch}';
  const query = ['repoquery', '--showduplicates', `--queryformat=${format}`, '--', ...names];
  const { stdout, stderr } = await runDnf(runner, [...DNF, ...(fresh ? ['--refresh'] : []), ...query]);
  const packages = [...new Set(stdout.split('\n'))].flatMap((line) => {
    const [name, version, arch] = line.split('\t');
    if (name === undefined || version === undefined || arch === undefined) return [];
    return [{ name, version: version.replace(/^0:/, ''), arch }];
  });
  return {
    packages: packages.sort((a, b) => compareEvr(a.version, b.version)),
    without: ignoredRepositories(stderr),
  };
}

/** What an upgrade of the whole host would do. dnf is told no, and then ends with 1. */
async function resolveUpgrade(runner: Runner): Promise<readonly DnfRow[]> {
  const command = ['dnf', '--assumeno', '--setopt=exit_on_lock=1', '--nobest', 'upgrade'];
  const { exit, stdout, stderr } = await runDnf(runner, command, { accept: [0, 1] });
  if (exit === 1 && !stderr.includes('Operation aborted.')) throw dnfTrouble(command, exit, `${stdout}\n${stderr}`);
  return parseDnfTransaction(stdout);
}

/**
 * The download, which may be ended at any time, and the transaction, which asks no repository any more. Full names: a bare
 * one stands for the newest version, of what is available rather than of what is installed.
 */
function onPackages(
  action: 'install' | 'reinstall',
  options: readonly string[],
  packages: readonly Package[],
): readonly PlannedCommand[] {
  const words = [action, '--', ...packages.map(({ name, version, arch }) => `${name}-${version}.${arch}`)];
  return inTwoSteps(
    action,
    packages,
    [...DNF, ...options, '--downloadonly', ...words],
    [...DNF, ...options, '--cacheonly', ...words],
  );
}

/** The lines themselves (`--raw`): parsed, a version that no repository has is locked nowhere. */
function addLocks(locks: readonly Lock[]): PlannedCommand {
  const lines = locks.map(({ line }) => line);
  return { action: 'lock', what: lines.join(' '), command: [...VERSIONLOCK, 'add', '--raw', '--', ...lines] };
}
