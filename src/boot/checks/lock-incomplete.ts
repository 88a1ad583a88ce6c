import { kernelLocks, onlyVersion } from '../kernel-locks.ts';
import type { Check } from '../types.ts';

/** Some packages of the kernel are locked and others are not: an update moves the others, and so the kernel. */
export const lockIncomplete: Check = {
  code: 'lock_incomplete',
  checkpoint: 'host',
  severity: 'warning',
  symptom: 'An update brings a kernel although kernels are locked, or takes half of the locked one along.',
  cause: 'Only the metapackage was locked, or only the image: each package is locked for itself.',
  cure: 'Lock the whole family: `bellwether lock --kernel-version VERSION`, or name every package to `dnf versionlock add` or `apt-mark hold`.',
  repair: ['lock'],
  *observe({ host, kernel, isDefault }) {
    const known = isDefault ? kernelLocks(host, kernel.kernel) : null;
    if (known === null) return;
    const { members, locksOn } = known;
    const locked = members.filter(({ name }) => locksOn(name).length > 0);
    const free = members.filter(({ name }) => locksOn(name).length === 0);
    // What leads to kernels (linux-image-amd64) names the one that it leads to: held alone, it lets no other come.
    const own = locked.find((each) => each.kernel !== null);
    if (free.length === 0 || own === undefined) return;
    const names = free.map(({ name }) => name);
    yield {
      defect: true,
      message: `${locked.map(({ name }) => name).join(', ')} ${locked.length === 1 ? 'is' : 'are'} locked, but ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} not.`,
      evidence: {
        locked: locked.map(({ name }) => name),
        version: onlyVersion(locked.flatMap(({ name }) => locksOn(name))) ?? own.version,
        not_locked: names,
      },
    };
  },
};
