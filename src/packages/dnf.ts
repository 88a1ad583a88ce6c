import { BellwetherError } from '../protocol/errors.ts';
import type { RunOptions, Runner } from '../system/runner.ts';
import { DNF, runDnf } from './dnf-run.ts';
import { isRemoved, isTaken, parseDnfTransaction, type DnfRow } from './dnf-transaction.ts';
import { dnfTrouble, ignoredRepositories } from './dnf-trouble.ts';
import { readDnfLocks, VERSIONLOCK } from './dnf-versionlock.ts';
import { patternMatches } from './name-pattern.ts';
import { queryKernels, queryRpm } from './rpm-query.ts';
import { verifyWithRpm } from './rpm-verify.ts';
import { compareEvr } from './rpm-versions.ts';
import type { Lock, Package, PackageManager, PlannedCommand } from './types.ts';
import { versionAbsent } from './version-absent.ts';
import { parseLocks, planListLock, planListUnlock, type LockList } from './versionlock-list.ts';

const TWO_HOURS = 7200;
const REMOVED = 'none: it would be removed';
/**
 * Just these packages, and no kernel removed for them. Standing locks may be to the very versions that are left now: whoever
 * locks anew does so once these are there.
 */
const EXACTLY = [
  '--disableplugin=versionlock',
  '--setopt=installonly_limit=0',
  '--setopt=install_weak_deps=0',
] as const;

/**
 * dnf 4 and rpm.
 *
 * A lock holds other versions back; it does not keep a package from being removed, and `installonly_limit` removes locked
 * kernels: `wouldMove` sees that. What is installed here removes none.
 */
export function openDnf(runner: Runner): PackageManager {
  let upgrade: Promise<readonly DnfRow[]> | undefined;
  let list: LockList | undefined;

  const readList = async (): Promise<LockList> => (list = await readDnfLocks(runner));
  const known = (): LockList => {
    if (list === undefined) throw new Error('locks are planned on what locks() read');
    return list;
  };

  const offered = async (names: readonly string[], fresh: boolean): Promise<readonly Package[]> => {
    const format = '%{name}\\t%{epoch}:%{version}-%{release}\\t%{arch}';
    const query = ['repoquery', '--showduplicates', `--queryformat=${format}`, '--', ...names];
    const { stdout, stderr } = await runDnf(runner, [...DNF, ...(fresh ? ['--refresh'] : []), ...query]);
    const found = [...new Set(stdout.split('\n'))].flatMap((line) => {
      const [name, version, arch] = line.split('\t');
      if (name === undefined || version === undefined || arch === undefined || !names.includes(name)) return [];
      return [{ name, version: version.replace(/^0:/, ''), arch }];
    });
    const ignored = ignoredRepositories(stderr);
    if (ignored !== null && names.some((each) => !found.some(({ name }) => name === each))) throw ignored;
    return found.sort((a, b) => compareEvr(a.version, b.version));
  };

  /** dnf reinstalls those that it finds, and leaves the others: this asks first, of what the repositories have now. */
  const refuseAbsent = async (packages: readonly Package[]): Promise<void> => {
    const all = await offered([...new Set(packages.map(({ name }) => name))], true);
    for (const each of packages) {
      const fellows = all.filter(({ name }) => name === each.name);
      if (fellows.some(({ version, arch }) => version === each.version && arch === each.arch)) continue;
      throw versionAbsent(each, fellows, compareEvr);
    }
  };

  /** `versionlock add` ends with 0 whether or not it added what it was asked for; a file may be rewritten by others meanwhile. */
  const changeLocks = async ({ action, command, input }: PlannedCommand, options: RunOptions): Promise<void> => {
    const before = known().text;
    if (input !== undefined && (await readList()).text !== before) {
      throw new BellwetherError('busy', 'the version locks were changed by another program meanwhile', {
        hint: 'run it again',
      });
    }
    await runDnf(runner, command, { ...options, ...(input === undefined ? {} : { input }) });
    const { text } = await readList();
    if (input !== undefined && text === input) return;
    const lines = new Set(parseLocks(known()).map(({ line }) => line));
    const undone =
      input === undefined ? command.slice(command.indexOf('--') + 1).filter((spec) => !lines.has(spec)) : ['the file'];
    if (undone.length === 0) return;
    throw new BellwetherError('not_effective', `dnf ended well, but ${undone.join(', ')}: not as it was to ${action}`, {
      hint: 'dnf versionlock list',
      at: { command: [...command] },
    });
  };

  return {
    name: 'dnf',
    installed: (names) => queryRpm(runner, names),
    kernelPackages: () => queryKernels(runner),
    verify: (names) => verifyWithRpm(runner, names),
    available: (name) => offered([name], false),
    planReinstall: async (packages, cleanCache) => {
      await refuseAbsent(packages);
      const clean: PlannedCommand = {
        action: 'clean_cache',
        what: 'downloaded packages and metadata',
        command: [...DNF, 'clean', 'all'],
      };
      return [...(cleanCache ? [clean] : []), onPackages('reinstall', [], packages)];
    },
    planInstall: async (packages) => {
      await refuseAbsent(packages);
      return [onPackages('install', [...EXACTLY, ...holdOthers(list, packages)], packages)];
    },
    locks: async (names) =>
      parseLocks(await readList()).filter(({ name }) => names?.some((each) => patternMatches(name, each)) ?? true),
    planLock: (standing, wanted, exclusive) => planListLock(known(), standing, wanted, exclusive, addLocks),
    planUnlock: (locks) => planListUnlock(known(), locks),
    execute: async (planned, { onLine, signal }) => {
      upgrade = undefined;
      const options = { ...(onLine === undefined ? {} : { onLine }), ...(signal === undefined ? {} : { signal }) };
      if (planned.action === 'lock' || planned.action === 'unlock') return changeLocks(planned, options);
      const long = planned.action === 'clean_cache' ? {} : { scope: true, timeoutSeconds: TWO_HOURS };
      await runDnf(runner, planned.command, { ...options, ...long });
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

/** With the plugin away for one command, what else is locked must still not move with it. */
function holdOthers(list: LockList | undefined, packages: readonly Package[]): readonly string[] {
  const names = list === undefined ? [] : parseLocks(list).flatMap(({ name, excludes }) => (excludes ? [] : [name]));
  const others = names.filter((pattern) => !packages.some(({ name }) => patternMatches(pattern, name)));
  return [...new Set(others)].map((name) => `--exclude=${name}`);
}

/** What an upgrade of the whole host would do. dnf is told no, and then ends with 1. */
async function resolveUpgrade(runner: Runner): Promise<readonly DnfRow[]> {
  const command = ['dnf', '--assumeno', '--setopt=exit_on_lock=1', '--nobest', 'upgrade'];
  const { exit, stdout, stderr } = await runDnf(runner, command, { accept: [0, 1] });
  if (exit === 1 && !stderr.includes('Operation aborted.')) throw dnfTrouble(command, exit, `${stdout}\n${stderr}`);
  return parseDnfTransaction(stdout);
}

/** Full names: a bare one stands for the newest version, of what is available rather than of what is installed. */
function onPackages(
  action: 'install' | 'reinstall',
  options: readonly string[],
  packages: readonly Package[],
): PlannedCommand {
  return {
    action,
    what: packages.map(({ name }) => name).join(' '),
    command: [
      ...DNF,
      ...options,
      action,
      '--',
      ...packages.map(({ name, version, arch }) => `${name}-${version}.${arch}`),
    ],
  };
}

/** The lines themselves (`--raw`): parsed, a version that no repository has is locked nowhere. */
function addLocks(locks: readonly Lock[]): PlannedCommand {
  const lines = locks.map(({ line }) => line);
  return { action: 'lock', what: lines.join(' '), command: [...VERSIONLOCK, 'add', '--raw', '--', ...lines] };
}
