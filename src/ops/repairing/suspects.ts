import { BEHIND_IMAGES } from '../../packages/behind-images.ts';
import type { PackageManager, Verified } from '../../packages/types.ts';
import { isSpoilt } from './kernel-damage.ts';

const SUSPECTS: readonly string[] = BEHIND_IMAGES;
/** Behind the boot, too: reinstalled where they are damaged. */
const OTHERS = ['systemd', 'systemd-udev', 'udev'];

/** The packages behind the boot, as the package manager's own verification finds them. */
export interface Suspects {
  /** Names, each once. */
  readonly damaged: readonly string[];
  readonly suspects: readonly string[];
  /** Kernels' packages that share a name with one of them and are to be left alone. */
  readonly spared: readonly Verified[];
}

/** Verifies what brings the modules of these kernels into an image: kmod, the generator, udev, and the kernels themselves. */
export async function verifySuspects(packages: PackageManager, kernels: readonly string[]): Promise<Suspects> {
  const family = await packages.kernelPackages();
  const own = family.filter(({ kernel, boots }) => boots && kernel !== null && kernels.includes(kernel));
  const names = own.map(({ name }) => name);
  const verified = await packages.verify([...new Set([...SUSPECTS, ...OTHERS, ...names])]);
  const isOwn = (each: Verified): boolean =>
    own.some(({ name, version, arch }) => each.name === name && each.version === version && each.arch === arch);
  // Other kernels' packages of the same name are none of these kernels' business.
  const counts = (each: Verified): boolean =>
    names.includes(each.name) ? isOwn(each) && isSpoilt(each) : each.damaged;
  return {
    spared: verified.filter((each) => names.includes(each.name) && !counts(each)),
    damaged: namesOf(verified.filter(counts)),
    suspects: namesOf(verified.filter(({ name }) => SUSPECTS.includes(name))),
  };
}

function namesOf(packages: readonly Verified[]): readonly string[] {
  return [...new Set(packages.map(({ name }) => name))].sort();
}
