import type { PackageManager, Verified } from '../../packages/types.ts';

/** What makes an image what it is: where an image stays bad although they verify, they are reinstalled all the same. */
const SUSPECTS = ['kmod', 'dracut', 'dracut-core', 'initramfs-tools', 'initramfs-tools-core'];
/** Behind the boot, too: reinstalled where they are damaged. */
const OTHERS = ['systemd', 'systemd-udev', 'udev'];

/** The packages behind the boot, as the package manager's own verification finds them. */
export interface Suspects {
  /** Names, each once. */
  readonly damaged: readonly string[];
  readonly suspects: readonly string[];
}

/** Verifies what brings the modules of these kernels into an image: kmod, the generator, udev, and the kernels themselves. */
export async function verifySuspects(packages: PackageManager, kernels: readonly string[]): Promise<Suspects> {
  const family = await packages.kernelPackages();
  const own = family.filter(({ kernel }) => kernel !== null && kernels.includes(kernel)).map(({ name }) => name);
  const verified = await packages.verify([...new Set([...SUSPECTS, ...OTHERS, ...own])]);
  return {
    damaged: namesOf(verified.filter(({ damaged }) => damaged)),
    suspects: namesOf(verified.filter(({ name }) => SUSPECTS.includes(name))),
  };
}

function namesOf(packages: readonly Verified[]): readonly string[] {
  return [...new Set(packages.map(({ name }) => name))].sort();
}
