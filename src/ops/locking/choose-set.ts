/** Which packages a lock is about, and in which version each: from what is installed, and what the repositories have. */
import type { InstalledPackage, KernelPackage, Package } from '../../packages/types.ts';
import { BellwetherError } from '../../protocol/errors.ts';
import type { LockRequest } from '../../protocol/messages.ts';

/** What the choice is made from. */
export interface Choices {
  /** All installed packages of kernels, oldest version first. */
  readonly family: readonly KernelPackage[];
  /** `uname -r`; null where the host is not the one that runs. */
  readonly running: string | null;
  /** Every installed version of these, oldest first. */
  readonly installed: (names: readonly string[]) => Promise<readonly InstalledPackage[]>;
  /** Every version that the repositories have, oldest first. */
  readonly available: (name: string) => Promise<readonly Package[]>;
}

/** The packages to lock, each in one version. */
export interface ChosenSet {
  /** Sorted by name. */
  readonly wanted: readonly InstalledPackage[];
  /** Those of them that are not installed in that version. */
  readonly missing: readonly InstalledPackage[];
  /** K of what is locked; null where that is no kernel, or cannot be told before it is installed. */
  readonly kernel: string | null;
}

type Wish = Pick<LockRequest['params'], 'packages' | 'version' | 'install'>;

/**
 * The packages that were named, or the whole family of the chosen kernel: each that is installed in its version, in
 * that; each that is not, in the newest that is (left out, it alone would move). With `install`, each that the
 * repositories have in that version, in that.
 * @throws BellwetherError `package_absent`, `version_absent`, `kernel_absent`
 */
export async function chooseSet(wish: Wish, choices: Choices): Promise<ChosenSet> {
  const { family } = choices;
  const anchor = findAnchor(wish, choices);
  const names = wish.packages ?? familyNames(family, anchor);
  if (names.length === 0) throw noKernel();
  const others = names.filter((name) => !family.some((each) => each.name === name));
  const installed = [...family, ...(await choices.installed(others))];
  const wanted: InstalledPackage[] = [];
  const missing: InstalledPackage[] = [];
  for (const name of [...names].sort()) {
    const found = await chooseVersion(name, wish, anchor, installed, choices);
    wanted.push(found);
    if (!installed.some((each) => isSame(each, found))) missing.push(found);
  }
  await refuseUnlessReached(wish, anchor, wanted, choices);
  return { wanted, missing, kernel: kernelOf(wish, anchor, wanted, family) };
}

/** The installed package of the chosen kernel; null where none is installed in that version. */
function findAnchor({ version }: Wish, { family, running }: Choices): KernelPackage | null {
  const booting = [...family].reverse().filter(({ boots, kernel }) => boots && kernel !== null);
  switch (version) {
    case 'installed':
      return booting[0] ?? null;
    case 'running': {
      if (running === null)
        throw new BellwetherError(
          'kernel_absent',
          '"params.version" is "running", but this host is not the one that runs',
          {
            hint: 'name the version, or leave it out: the newest that is installed',
          },
        );
      const found = booting.find(({ kernel }) => kernel === running);
      if (found !== undefined) return found;
      throw new BellwetherError(
        'version_absent',
        `"params.version" is "running", but no installed package holds ${running}`,
        {
          at: { kernel: running, installed: versionsOf(booting) },
        },
      );
    }
    default:
      return booting.find((each) => isVersion(each.version, version)) ?? null;
  }
}

/** All that are installed, but not what is made for another kernel alone and says so by its name (as on Debian). */
function familyNames(family: readonly KernelPackage[], anchor: KernelPackage | null): readonly string[] {
  const others = family.filter(
    ({ name, kernel }) => kernel !== null && anchor !== null && kernel !== anchor.kernel && name.includes(kernel),
  );
  return [...new Set(family.filter((each) => !others.includes(each)).map(({ name }) => name))];
}

async function chooseVersion(
  name: string,
  wish: Wish,
  anchor: KernelPackage | null,
  installed: readonly InstalledPackage[],
  { available }: Choices,
): Promise<InstalledPackage> {
  const here = [...installed].reverse().filter((each) => each.name === name);
  const named = wish.version !== 'installed' && wish.version !== 'running';
  const isIt = (each: Package & { readonly kernel?: string | null }): boolean =>
    named
      ? isVersion(each.version, wish.version)
      : anchor !== null &&
        (each.version === anchor.version || (each.kernel !== undefined && each.kernel === anchor.kernel));
  const found = here.find(isIt);
  if (found !== undefined) return found;
  if (wish.install && (named || anchor !== null)) {
    const offered = (await available(name)).filter(isIt);
    const [newest] = here;
    const chosen = offered.find(({ arch }) => arch === newest?.arch) ?? offered[offered.length - 1];
    if (chosen !== undefined) return { ...chosen, kernel: null };
    if (wish.packages !== undefined && named) throw await versionAbsent(name, wish, here, available);
  }
  if (wish.packages !== undefined && named && !wish.install) throw await versionAbsent(name, wish, here, available);
  const [newest] = here;
  if (newest !== undefined) return newest;
  throw new BellwetherError('package_absent', `"params.packages" names "${name}", not installed here`, {
    hint: wish.install
      ? 'no repository has it in that version'
      : 'leave it out, or ask for it to be installed: "install"',
    at: { package: name },
  });
}

/** A version that was asked for must be that of a kernel, where the family was asked for. */
async function refuseUnlessReached(
  wish: Wish,
  anchor: KernelPackage | null,
  wanted: readonly InstalledPackage[],
  { family, available }: Choices,
): Promise<void> {
  if (wish.version === 'installed' || wish.version === 'running' || wish.packages !== undefined || anchor !== null)
    return;
  const booting = family.filter(({ boots, kernel }) => boots && kernel !== null);
  const isKernel = (name: string): boolean => booting.some((each) => each.name === name);
  if (wanted.some(({ name, version }) => isKernel(name) && isVersion(version, wish.version))) return;
  const newest = booting[booting.length - 1];
  if (newest === undefined) throw noKernel();
  throw await versionAbsent(
    newest.name,
    wish,
    booting.filter(({ name }) => name === newest.name),
    available,
  );
}

function noKernel(): BellwetherError {
  return new BellwetherError('package_absent', 'no package of a kernel is installed here', {
    hint: 'name the packages',
  });
}

async function versionAbsent(
  name: string,
  { version, install }: Wish,
  here: readonly InstalledPackage[],
  available: Choices['available'],
): Promise<BellwetherError> {
  const offered = versionsOf(await available(name));
  const installed = versionsOf(here);
  return new BellwetherError(
    'version_absent',
    `"params.version" is "${version}": ${name} is installed as ${installed.join(', ') || 'nothing'}, and the repositories have ${offered.join(', ') || 'none of it'}`,
    {
      hint:
        !install && offered.some((each) => isVersion(each, version))
          ? 'ask for it to be installed: "install"'
          : 'ask for one of these',
      at: { package: name, version, installed, available: offered },
    },
  );
}

/**
 * K of what is locked. Of a kernel that is yet to be installed it can be told where those that are here show how the
 * distribution names them: version-release.arch, as Fedora and its kin do.
 */
function kernelOf(
  { version }: Wish,
  anchor: KernelPackage | null,
  wanted: readonly InstalledPackage[],
  family: readonly KernelPackage[],
): string | null {
  if (anchor !== null) return anchor.kernel;
  const plain = ({ version: evr, arch }: Package): string => `${evr.replace(/^\d+:/, '')}.${arch}`;
  const speaking = family.filter((each) => each.boots && each.kernel !== null && each.kernel === plain(each));
  const next = wanted.find(
    (each) => isVersion(each.version, version) && speaking.some(({ name }) => name === each.name),
  );
  return next === undefined ? null : plain(next);
}

/** The epoch may be left out of what is asked for. */
export function isVersion(version: string, asked: string): boolean {
  return (
    version === asked || (!asked.includes(':') && version.replace(/^\d+:/, '') === asked) || `0:${version}` === asked
  );
}

function isSame(one: Package, other: Package): boolean {
  return one.name === other.name && one.version === other.version && (other.arch === '' || one.arch === other.arch);
}

function versionsOf(packages: readonly Package[]): string[] {
  return [...new Set(packages.map(({ version }) => version))];
}
