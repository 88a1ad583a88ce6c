import { bootingLocks, describeLocks, locksVersion, onlyVersion, sourcesOf } from '../kernel-locks.ts';
import type { Check } from '../types.ts';

/** A lock names a version that is not installed: it keeps nothing, and bars what is there from its own updates. */
export const lockDrifted: Check = {
  code: 'lock_drifted',
  checkpoint: 'host',
  severity: 'warning',
  symptom: 'The package manager finds nothing to do, and the kernel is not the locked one.',
  cause:
    'The lock was copied from another host, taken of what the repository offered, or the locked kernel was removed.',
  cure: 'Install the locked version and let it boot: `bellwether lock --kernel-version VERSION --install --make-default`; or, where it is the lock that is out of date, take that away.',
  repair: ['lock'],
  *observe({ host, isDefault }) {
    const { kernels } = host.packages;
    if (!isDefault || kernels === null) return;
    const locks = bootingLocks(host);
    const versions = (name: string) => kernels.filter((each) => each.name === name).map(({ version }) => version);
    const isKept = (name: string) =>
      locks.some((lock) => lock.name === name && versions(name).some((version) => locksVersion(lock, version)));
    const drifted = locks.filter(({ name }) => !isKept(name));
    const [first] = drifted;
    if (first === undefined) return;
    yield {
      defect: true,
      message: `${first.source} locks ${first.name} to ${first.version}, which is not installed; ${versions(first.name).join(', ')} is.`,
      evidence: {
        locks: describeLocks(drifted),
        version: onlyVersion(drifted),
        sources: sourcesOf(drifted),
        installed: drifted.map(({ name }) => `${name} ${versions(name).join(', ')}`),
      },
    };
  },
};
