import type {
  InstalledPackage,
  KernelPackage,
  Lock,
  LockPlan,
  PackageManager,
  PlannedCommand,
} from '../../packages/types.ts';
import { BellwetherError } from '../../protocol/errors.ts';
import type { LockRequest } from '../../protocol/messages.ts';
import { keepingNote, planKeeping, type Keeping } from '../keeping/plan.ts';
import { planDefault, type DefaultPlan } from '../make-default.ts';
import type { Plan } from '../mending/mend.ts';
import { commandStep } from '../mending/run-commands.ts';
import type { Site } from '../mending/with-site.ts';
import { chooseSet, isVersion, type ChosenSet } from './choose-set.ts';
import { expectDefault, expectInstalled, expectLocks, type Expectation } from './expectations.ts';
import { refuseNothingToLock, refuseWide, unlockable } from './unlockable.ts';

export interface LockingPlan extends Plan {
  readonly names: readonly string[];
  /** The packages that are to stay where they are; none where locks are to go. */
  readonly wanted: readonly InstalledPackage[];
  readonly missing: readonly InstalledPackage[];
  readonly locks: LockPlan;
  /** The locks on these packages when all is done. */
  readonly standing: readonly Lock[];
  /** In the order that they are run. */
  readonly commands: readonly PlannedCommand[];
  /** What is kept while packages are installed; null where none are. */
  readonly keeping: Keeping | null;
  readonly makeDefault: DefaultPlan | null;
  /** One for each change. */
  readonly expectations: readonly Expectation[];
}

type Params = LockRequest['params'];

/**
 * What it takes to have these packages locked, or unlocked. Changes nothing.
 * @throws BellwetherError `bad_request`, those of `chooseSet`, `planDefault` and of the package manager
 */
export function planLocking(site: Site, params: Params): Promise<LockingPlan> {
  return params.state === 'locked' ? planLocked(site, params) : planUnlocked(site, params);
}

async function planLocked(site: Site, params: Params): Promise<LockingPlan> {
  const packages = await site.packages();
  const choosing = choose(site, params, packages);
  // What stands is read while it is found out what is wanted.
  const [{ family, chosen }, standing] = await Promise.all([
    choosing,
    packages.locks(choosing.then(({ chosen: { wanted } }) => namesOf(wanted))),
  ]);
  const { wanted, missing } = chosen;
  const names = namesOf(wanted);
  const locks = packages.planLock(standing.filter(isRival(wanted)), wanted, params.exclusive);
  refuseWide(locks.remove, names);
  const install = missing.length === 0 ? [] : await packages.planInstall(missing);
  const keeping = missing.length === 0 ? null : await keepingOf(site, missing, family);
  const makeDefault = params.make_default ? await planDefault(site, kernelToBoot(chosen), missing.length === 0) : null;
  const commands = inOrder(install, locks, standing.length > 0 && packages.installsPastLocks !== true);
  const expectations = [
    ...expectInstalled(missing, [...family, ...(await otherVersions(packages, missing, family))]),
    ...expectLocks(locks),
    ...(makeDefault === null ? [] : [expectDefault(makeDefault)]),
  ];
  return {
    names,
    wanted,
    missing,
    locks,
    standing: afterwards(standing, locks),
    commands,
    keeping,
    makeDefault,
    expectations,
    steps: [
      ...commands.map((command) => {
        const note = command.action === 'install' && keeping !== null ? keepingNote(keeping) : '';
        return commandStep(command, `${reasonFor(command, params, missing, standing)}${note}`);
      }),
      ...(makeDefault === null ? [] : [makeDefault.step]),
    ],
    changes: [...expectations.map(({ change }) => change), ...(keeping?.changes ?? [])],
  };
}

async function choose({ running }: Site, params: Params, packages: PackageManager) {
  const family = await packages.kernelPackages();
  const chosen = await chooseSet(params, {
    family,
    running,
    installed: (names) => packages.installed(names),
    available: (name) => packages.available(name),
  });
  return { family, chosen };
}

function namesOf(packages: readonly InstalledPackage[]): readonly string[] {
  return packages.map(({ name }) => name);
}

/** Whether a lock is one beside which ours cannot stand alone: what forbids some other version may stay. */
function isRival(wanted: readonly InstalledPackage[]): (lock: Lock) => boolean {
  return ({ name, version, excludes }) =>
    !excludes || wanted.some((each) => each.name === name && isVersion(each.version, version.replace(/\.\*$/, '')));
}

async function planUnlocked(site: Site, params: Params): Promise<LockingPlan> {
  refuseNothingToLock(params);
  const packages = await site.packages();
  const names = params.packages ?? (await packages.kernelPackages()).map(({ name }) => name);
  const asked = [...new Set(names)].sort();
  const standing = await packages.locks(asked);
  const locks = packages.planUnlock(unlockable(standing, asked, params.version));
  const expectations = expectLocks(locks);
  return {
    names: asked,
    wanted: [],
    missing: [],
    locks,
    standing: afterwards(standing, locks),
    commands: locks.commands,
    keeping: null,
    makeDefault: null,
    expectations,
    steps: locks.commands.map((command) => commandStep(command, reasonFor(command, params, [], standing))),
    changes: expectations.map(({ change }) => change),
  };
}

/**
 * Installing comes first, so that a failure leaves all as it was; but not where locks stand that forbid it, and that the
 * package manager would heed: those are changed for the ones that are asked for before it.
 */
function inOrder(
  install: readonly PlannedCommand[],
  { commands }: LockPlan,
  inTheWay: boolean,
): readonly PlannedCommand[] {
  return inTheWay ? [...commands, ...install] : [...install, ...commands];
}

function reasonFor(
  { action }: PlannedCommand,
  { version, state }: Params,
  missing: readonly InstalledPackage[],
  standing: readonly Lock[],
): string {
  switch (action) {
    case 'install':
    case 'clean_cache':
    case 'download':
    case 'configure':
    case 'reinstall':
      return `not installed in that version: ${missing.map(({ name }) => name).join(', ')}`;
    case 'lock':
      return `"version" is "${version}", and ${standing.length === 0 ? 'nothing keeps these packages from moving' : 'these packages are not all locked to it'}`;
    case 'unlock':
      return state === 'unlocked' ? '"state" is "unlocked"' : 'another lock on the same packages stands in the way';
  }
}

function afterwards(standing: readonly Lock[], { add, remove }: LockPlan): readonly Lock[] {
  const lines = new Set(remove.map(({ source, line }) => `${source}\n${line}`));
  const left = standing.filter(({ source, line }) => !lines.has(`${source}\n${line}`));
  return [...left, ...add].sort((a, b) => compare(a.name, b.name) || compare(a.line, b.line));
}

function compare(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}

function kernelToBoot({ kernel, wanted }: ChosenSet): string {
  if (kernel !== null) return kernel;
  throw new BellwetherError(
    'not_supported',
    `"params.make_default" is true, but which kernel ${wanted.map(({ name }) => name).join(', ')} will bring cannot be told`,
    { hint: 'ask for it once more when they are installed' },
  );
}

/** Installed versions of those that are no part of an installed kernel. */
async function otherVersions(
  packages: PackageManager,
  missing: readonly InstalledPackage[],
  family: readonly InstalledPackage[],
): Promise<readonly InstalledPackage[]> {
  const names = missing.map(({ name }) => name).filter((name) => !family.some((each) => each.name === name));
  return names.length === 0 ? [] : packages.installed(names);
}

/** A package that is named after a kernel (Debian) takes the place of the version of it that is there; others come beside it. */
function keepingOf(
  site: Site,
  missing: readonly InstalledPackage[],
  family: readonly KernelPackage[],
): Promise<Keeping> {
  const replaced = family.filter(
    ({ name, kernel, boots }) =>
      boots && kernel !== null && name.includes(kernel) && missing.some((each) => each.name === name),
  );
  const ofKernels = family.some(({ name, boots }) => boots && missing.some((each) => each.name === name));
  const kernels = [...new Set(replaced.flatMap(({ kernel }) => kernel ?? []))];
  return planKeeping(site, kernels, [...new Set(replaced.map(({ name }) => name))], ofKernels);
}
