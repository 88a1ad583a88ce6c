import { locksVersion, onlyVersion } from '../kernel-locks.ts';
import type { Check } from '../types.ts';

/** A lock that was asked for is not there. A host that nobody wanted locked has nothing to miss. */
export const lockMissing: Check = {
  code: 'lock_missing',
  checkpoint: 'host',
  severity: 'warning',
  symptom: 'An update brings another kernel than the one that was to stay.',
  cause:
    'The lock was never set, or something took it away: a reinstall takes holds away, and so does a package manager that is told to.',
  cure: 'Lock the kernel: `bellwether lock --kernel-version VERSION`.',
  repair: ['lock'],
  *observe({ host, locksAsked }) {
    const missing = locksAsked.filter(
      ({ name, version }) => !host.packages.locks.some((lock) => lock.name === name && locksVersion(lock, version)),
    );
    const [first] = missing;
    if (first === undefined) return;
    yield {
      defect: true,
      message: `${first.name} is not locked to ${first.version}${missing.length === 1 ? '' : `, nor ${missing.length - 1} more`}.`,
      evidence: { missing: missing.map(({ name, version }) => `${name} ${version}`), version: onlyVersion(missing) },
    };
  },
};
