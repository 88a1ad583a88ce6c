import type { Runner } from '../system/runner.ts';
import type { PackageManager, PackageManagerName } from './types.ts';

type Open = (runner: Runner) => PackageManager;

/** One adapter a file, one line each, loaded when it is asked for: a check runs no package manager. */
const ADAPTERS: Readonly<Record<PackageManagerName, () => Promise<Open>>> = {
  dnf: async () => (await import('./dnf/dnf.ts')).openDnf,
  yum: async () => (await import('./yum/yum.ts')).openYum,
  apt: async () => (await import('./apt/apt.ts')).openApt,
  dnf5: async () => (await import('./dnf5/dnf5.ts')).openDnf5,
  zypper: async () => (await import('./zypper/zypper.ts')).openZypper,
};

/** The package manager of the host that the runner runs programs on. */
export async function openPackageManager(name: PackageManagerName, runner: Runner): Promise<PackageManager> {
  const open = await ADAPTERS[name]();
  return open(runner);
}
