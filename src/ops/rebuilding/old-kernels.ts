import { bootingLocks, kernelLocks, locksVersion } from '../../boot/kernel-locks.ts';
import { defaultEntryOf } from '../../host/loader/default-entry.ts';
import type { HostFacts } from '../../host/types.ts';

/**
 * The installed kernels that a person may give up for room, oldest first: those that neither run, nor boot next, nor are the
 * newest or locked, nor what a rescue entry boots. None where nothing says what boots next.
 */
export function oldKernels(host: HostFacts): readonly string[] {
  const next = defaultEntryOf(host.loader)?.kernel ?? null;
  if (next === null) return [];
  const rescued = host.loader.entries.filter(({ rescue }) => rescue).map(({ kernel }) => kernel);
  const needed = new Set([host.running, next, ...rescued]);
  return host.kernels
    .slice(0, -1)
    .map(({ kernel }) => kernel)
    .filter((kernel) => !needed.has(kernel) && !mayBeLocked(host, kernel));
}

/** Where it is not known which packages make up the kernel, any lock on kernels may be on it. */
function mayBeLocked(host: HostFacts, kernel: string): boolean {
  const known = kernelLocks(host, kernel);
  if (known === null) return bootingLocks(host).length > 0;
  return known.members.some(
    ({ kernel: own, name, version }) =>
      own === kernel && known.locksOn(name).some((lock) => locksVersion(lock, version)),
  );
}
