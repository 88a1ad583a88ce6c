import type { BootFacts } from './types.ts';

/** The version that `uname -r` will print, and the file that says so. */
export interface BootedVersion {
  readonly version: string;
  readonly from: string;
}

/** What the kernel file that the entry names says of itself; K where it does not tell. */
export function bootedVersion({ entry, kernel, host }: BootFacts): BootedVersion {
  const path = entry?.linux?.path ?? null;
  const named = path === null ? undefined : host.kernels.find(({ vmlinuz }) => vmlinuz?.path === path);
  const vmlinuz = named?.vmlinuz ?? kernel.vmlinuz;
  const version = vmlinuz?.version ?? null;
  return version === null
    ? { version: kernel.kernel, from: 'file names' }
    : { version, from: vmlinuz?.path ?? 'file names' };
}
