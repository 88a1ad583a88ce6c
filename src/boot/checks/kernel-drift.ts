import { matchesAlias } from '../drivers/alias-match.ts';
import type { Check } from '../types.ts';

/** What boots next is not the version that the site locked its kernel packages to. */
export const kernelDrift: Check = {
  code: 'kernel_drift',
  checkpoint: 'loader',
  severity: 'warning',
  symptom: 'A kernel boots that nobody chose: drivers gone, panics that the locked one did not have.',
  cause: 'The lock was set after the update, on the metapackage alone, or for a version that is not installed.',
  cure: 'Install the locked version and make it the default, or lock what is installed: `dnf versionlock list`, `grubby --set-default=/boot/vmlinuz-VERSION`.',
  repair: ['lock'],
  *observe({ host, kernel, isDefault }) {
    if (!isDefault || host.versionLocks.length === 0) return;
    const version = withoutArch(kernel.kernel, host.arch);
    if (host.versionLocks.some((lock) => matchesAlias(lock.version, version))) return;
    const [first] = host.versionLocks;
    yield {
      defect: true,
      message: `${kernel.kernel} boots next, but ${first?.source ?? ''} locks ${first?.name ?? ''} to ${first?.version ?? ''}.`,
      evidence: {
        locks: host.versionLocks.map(({ name, version: locked }) => `${name} ${locked}`),
        sources: [...new Set(host.versionLocks.map(({ source }) => source))],
        installed: host.kernels.map((installed) => installed.kernel),
      },
    };
  },
};

/** `4.18.0-348.el8.x86_64+debug` is version 4.18.0-348.el8 of another flavour. */
function withoutArch(kernel: string, arch: string): string {
  const at = kernel.indexOf(`.${arch}`);
  return at === -1 ? kernel : kernel.slice(0, at);
}
