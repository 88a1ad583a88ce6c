import type { VmlinuzFacts } from '../host/types.ts';
import type { BootFacts } from './types.ts';

/** The version that `uname -r` will print, and the file that says so. */
export interface BootedVersion {
  readonly version: string;
  readonly from: string;
}

/** The kernel file that the entry names; null where it is none of those that were read. */
export function loadedKernel({ entry, host }: BootFacts): VmlinuzFacts | null {
  const path = entry?.linux?.path ?? null;
  return path === null ? null : (host.kernels.find(({ vmlinuz }) => vmlinuz?.path === path)?.vmlinuz ?? null);
}

/** What the kernel file that the entry names says of itself; K where it does not tell. */
export function bootedVersion(facts: BootFacts): BootedVersion {
  const vmlinuz = loadedKernel(facts) ?? facts.kernel.vmlinuz;
  const version = vmlinuz?.version ?? null;
  return version === null
    ? { version: facts.kernel.kernel, from: 'file names' }
    : { version, from: vmlinuz?.path ?? 'file names' };
}
