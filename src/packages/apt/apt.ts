import { readdirSync, readFileSync } from 'node:fs';
import { BellwetherError } from '../../protocol/errors.ts';
import type { RunOptions, Runner } from '../../system/runner.ts';
import { isPreferencesFile, parseAptPins, pinMatches } from './pins.ts';
import { parseAptSimulation, parseCandidate, parseMadison } from './simulation.ts';
import { aptTrouble } from './trouble.ts';
import { named, queryDpkg, queryKernels, verifyWithDpkg } from '../dpkg/query.ts';
import { isPresent } from '../dpkg/status.ts';
import { compareDpkgVersions } from '../dpkg/versions.ts';
import { HELD_BY, holdOf, planHolds, planReleases } from './holds.ts';
import type { InstalledPackage, Lock, Package, PackageManager, PlannedCommand, Verified } from '../types.ts';
import { versionAbsent } from '../version-absent.ts';
import { OWN_CACHE, withOwnCache } from '../own-cache.ts';
import { inTwoSteps, runOptionsOf } from '../transactions.ts';

/** Nobody is there to be asked: configuration stays as it is, services stay up, and nothing goes for the sake of another. */
const UNATTENDED = { DEBIAN_FRONTEND: 'noninteractive', APT_LISTCHANGES_FRONTEND: 'none', NEEDRESTART_SUSPEND: '1' };
const INSTALL = [
  'apt-get',
  '--yes',
  '--quiet',
  '--no-remove',
  '-o',
  'Dpkg::Options::=--force-confold',
  '-o',
  'Dpkg::Use-Pty=0',
] as const;
const PREFERENCES = '/etc/apt/preferences';
/** What dpkg, ended halfway, has not yet written to its database; apt refuses to work before it has. */
const JOURNAL = '/var/lib/dpkg/updates';
const CONFIGURE: PlannedCommand = {
  action: 'configure',
  what: 'packages that are unpacked',
  command: ['dpkg', '--force-confold', '--configure', '-a'],
};
/** What apt, apt-mark and dpkg end with when they fail. */
const FAILURES = [1, 2, 100];

/**
 * apt and dpkg. A lock is a hold: it freezes the version that is installed, and stands above every pin. Pins are told and
 * left as they are.
 */
export function openApt(runner: Runner): PackageManager {
  let simulated: Promise<ReadonlyMap<string, string | null>> | undefined;

  const run = async (command: readonly string[], options: RunOptions = {}): Promise<string> => {
    const [program = '', ...args] = command;
    const { exit, stdout, stderr } = await runner.run(program, args, { ...options, accept: [0, ...FAILURES] });
    if (exit !== 0) throw aptTrouble(command, exit, `${stdout}\n${stderr}`);
    return `${stdout}\n${stderr}`;
  };

  const available = async (name: string): Promise<readonly Package[]> => {
    const versions = parseMadison(await run(['apt-cache', 'madison', '--', name]), name);
    return [...versions].sort(compareDpkgVersions).map((version) => ({ name, version, arch: '' }));
  };

  /** apt-get says of a version that it cannot have "cannot be downloaded", and ends well: this asks first. */
  const refuseAbsent = async (packages: readonly Package[]): Promise<void> => {
    for (const each of packages) {
      const offered = await available(each.name);
      if (!offered.some(({ version }) => version === each.version))
        throw versionAbsent(each, offered, compareDpkgVersions);
    }
  };

  const holds = async (names?: readonly string[]): Promise<readonly Lock[]> =>
    (await queryDpkg(runner))
      .filter(({ name, wanted }) => wanted === 'hold' && (names === undefined || names.includes(name)))
      .map(holdOf);

  return {
    name: 'apt',
    installsPastLocks: true,
    installed: async (names) => named(await queryDpkg(runner), names),
    kernelPackages: () => queryKernels(runner),
    verify: async (names) => {
      const present = (await queryDpkg(runner)).filter((each) => isPresent(each) && names.includes(each.name));
      const verified = [];
      for (const each of present) verified.push(await verifyWithDpkg(runner, each));
      return verified;
    },
    available,
    planReinstall: async (found, cleanCache) => {
      const packages = found.filter((each) => !isOnlyUnconfigured(each));
      const configure = found.length > packages.length || isInterrupted(runner.root) ? [CONFIGURE] : [];
      if (packages.length === 0) return configure;
      await refuseAbsent(packages);
      const clean: PlannedCommand = {
        action: 'clean_cache',
        what: 'downloaded packages',
        command: ['apt-get', 'clean'],
      };
      const held = await holds(packages.map(({ name }) => name));
      const where = cleanCache ? ['-o', `Dir::Cache::archives=${OWN_CACHE}`] : [];
      const [download, reinstall] = onPackages('reinstall', [...where, '--reinstall'], packages);
      // Unpacking a package takes its hold away, the same version or not.
      return [
        ...configure,
        download,
        reinstall,
        ...putBack(held.map(({ name }) => name)),
        ...(cleanCache ? [clean] : []),
      ];
    },
    planInstall: async (packages) => {
      await refuseAbsent(packages);
      const held = (await holds(packages.map(({ name }) => name))).map(({ name }) => name);
      const [download, install] = onPackages('install', ['--no-install-recommends'], packages);
      // Holds on these go and come back, rather than that all others are put at apt's mercy.
      return [download, ...planReleases(held), install, ...putBack(held)];
    },
    locks: async (asked) => {
      const names = await asked;
      return [...(await holds(names)), ...readPins(runner.root, names)];
    },
    planLock: (standing, wanted) => {
      const isOf = (lock: Lock, { name }: Package): boolean => lock.source === HELD_BY && lock.name === name;
      const isHeld = (each: Package): boolean =>
        standing.some((lock) => isOf(lock, each) && lock.version === each.version);
      const add = wanted.filter((each, at) => !isHeld(each) && isFirst(wanted, at));
      // One that is held in another version will be held in this one as soon as it is installed.
      const remove = standing.filter((lock) => add.some((each) => isOf(lock, each)));
      return { remove, add: add.map(holdOf), commands: planHolds(add.map(({ name }) => name)) };
    },
    planUnlock: (locks) => {
      const remove = locks.filter(({ source }) => source === HELD_BY);
      return { remove, add: [], commands: planReleases(remove.map(({ name }) => name)) };
    },
    execute: async (planned, options) => {
      simulated = undefined;
      const how = { ...options, env: UNATTENDED, ...runOptionsOf(planned) };
      const output = await withOwnCache(runner, planned, () => run(planned.command, how));
      const refused = /^Reinstallation of (?<name>\S+) is not possible/m.exec(output)?.groups?.name;
      if (refused !== undefined)
        throw new BellwetherError('version_absent', `no repository offers ${refused} as it is installed`, {
          at: { package: refused },
        });
    },
    wouldMove: async ({ name, version }) => {
      // Resolving takes seconds where much waits to be upgraded, and is needless where nothing else is to be had.
      if (parseCandidate(await run(['apt-cache', 'policy', '--', name])) === version) return null;
      simulated ??= run(['apt-get', '--simulate', '--quiet', 'dist-upgrade']).then(parseAptSimulation);
      const moves = await simulated;
      if (!moves.has(name)) return null;
      const next = moves.get(name) ?? 'none: it would be removed';
      return next === version ? null : next;
    },
  };
}

/** The download, which may be ended at any time and takes nobody's hold away, and the transaction, which finds all in the cache. */
function onPackages(
  action: 'install' | 'reinstall',
  options: readonly string[],
  packages: readonly Package[],
): readonly [PlannedCommand, PlannedCommand] {
  const apt = [...INSTALL, ...options, '--allow-downgrades'] as const;
  const words = ['install', '--', ...packages.map(exactly)];
  return inTwoSteps(
    action,
    packages,
    [...apt, '--allow-change-held-packages', '--download-only', ...words],
    [...apt, ...words],
  );
}

/** Whether its files are as they should be, and only its scripts are still to be run. */
function isOnlyUnconfigured({ files = [], unfinished }: Partial<Verified>): boolean {
  return unfinished !== undefined && unfinished !== 'half-installed' && files.every(({ harmless }) => harmless);
}

function isInterrupted(root: string): boolean {
  const files = unlessAbsent(() => readdirSync(`${root === '/' ? '' : root}${JOURNAL}`), []);
  return files.some((name) => /^\d+$/.test(name));
}

function putBack(held: readonly string[]): readonly PlannedCommand[] {
  return planHolds(held).map((command) => ({ ...command, restores: held }));
}

function exactly({ name, version }: Package): string {
  return `${name}=${version}`;
}

function isFirst(packages: readonly InstalledPackage[], at: number): boolean {
  return packages.findIndex(({ name }) => name === packages[at]?.name) === at;
}

/** What administrators pinned, by the names that were asked for; never ours, never changed. */
function readPins(root: string, names: readonly string[] | undefined): readonly Lock[] {
  const top = root === '/' ? '' : root;
  const folder = `${PREFERENCES}.d`;
  const files = [PREFERENCES, ...listed(`${top}${folder}`).map((file) => `${folder}/${file}`)];
  const pins = files.flatMap((file) => parseAptPins(content(`${top}${file}`), file));
  if (names === undefined) return pins;
  return pins.flatMap((pin) => names.filter((name) => pinMatches(pin.name, name)).map((name) => ({ ...pin, name })));
}

function listed(folder: string): readonly string[] {
  return unlessAbsent(() => readdirSync(folder), [])
    .filter(isPreferencesFile)
    .sort();
}

function content(file: string): string {
  return unlessAbsent(() => readFileSync(file, 'utf8'), '');
}

function unlessAbsent<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return otherwise;
    throw error;
  }
}
