import { BellwetherError } from '../protocol/errors.ts';
import type { Runner } from '../system/runner.ts';
import type { PackageManager, PackageManagerName } from './types.ts';

type Open = (runner: Runner) => PackageManager;

/** One adapter a file, one line each, loaded when it is asked for: a check runs no package manager. */
const ADAPTERS: Partial<Readonly<Record<PackageManagerName, () => Promise<Open>>>> = {
  dnf: async () => (await import('./dnf.ts')).openDnf,
  apt: async () => (await import('./apt.ts')).openApt,
  dnf5: async () => (await import('./dnf5.ts')).openDnf5,
  zypper: async () => (await import('./zypper.ts')).openZypper,
};

/**
 * The package manager of the host that the runner runs programs on.
 * @throws BellwetherError `not_supported` where it is one that has no adapter
 */
export async function openPackageManager(name: PackageManagerName, runner: Runner): Promise<PackageManager> {
  const load = ADAPTERS[name];
  if (load === undefined) throw new BellwetherError('not_supported', `package manager ${name}: no adapter for it`);
  const open = await load();
  return open(runner);
}
