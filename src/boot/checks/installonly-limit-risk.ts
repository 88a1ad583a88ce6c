import { bootingLocks, kernelLocks, locksVersion } from '../kernel-locks.ts';
import type { Check } from '../types.ts';

/** The locked kernel is the next to go: a lock keeps other versions away, and does not keep its own from being removed. */
export const installonlyLimitRisk: Check = {
  code: 'installonly_limit_risk',
  checkpoint: 'host',
  severity: 'warning',
  symptom: 'The locked kernel is gone after an update, and another boots.',
  cause:
    'As many kernels are installed as `installonly_limit` allows, and the locked one is the oldest that does not run.',
  cure: 'Boot the locked kernel, remove another with the package manager, or raise `installonly_limit` in /etc/dnf/dnf.conf.',
  repair: ['configure'],
  *observe({ host, kernel, isDefault }) {
    const { kernels, installonlyLimit: limit } = host.packages;
    if (!isDefault || kernels === null || limit === null || host.running === null) return;
    for (const lock of bootingLocks(host)) {
      const versions = kernels.filter(({ name }) => name === lock.name);
      const next = versions.find((each) => each.kernel !== host.running);
      if (versions.length < limit || versions.length < 2 || next === undefined) continue;
      if (!locksVersion(lock, next.version)) continue;
      const gone = next.kernel ?? next.version;
      yield {
        defect: true,
        // Where all is locked, no new kernel comes to push this one out, until somebody lifts the lock to let one in.
        severity: versions.length > limit || letsOneIn(kernelLocks(host, gone)) ? 'warning' : 'note',
        message: `${gone} is locked, but it is the oldest of ${versions.length} kernels that does not run, and the limit is ${limit}: the next one takes its place.`,
        evidence: {
          locked: gone,
          installed: versions.map(({ version }) => version),
          limit,
          running: host.running,
          boots_next: kernel.kernel,
        },
      };
      return;
    }
  },
};

function letsOneIn(known: ReturnType<typeof kernelLocks>): boolean {
  return known?.members.some(({ name }) => known.locksOn(name).length === 0) ?? true;
}
