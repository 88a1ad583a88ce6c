import type { HostFacts, VersionLock } from '../../host/types.ts';
import { matchesAlias } from '../drivers/alias-match.ts';
import { bootingLocks, describeLocks, kernelLocks, locksVersion, onlyVersion, sourcesOf } from '../kernel-locks.ts';
import type { Check } from '../types.ts';

/** What boots next is not the version that the site locked its kernel packages to. */
export const kernelDrift: Check = {
  code: 'kernel_drift',
  checkpoint: 'loader',
  severity: 'warning',
  symptom: 'A kernel boots that nobody chose: drivers gone, panics that the locked one did not have.',
  cause: 'The lock was set after the update, on the metapackage alone, or for a version that is not installed.',
  cure: 'Install the locked version and let it boot: `bellwether lock --kernel-version VERSION --install --make-default`; `dnf versionlock list` or `apt-mark showhold` shows the locks, should one of them be out of date.',
  repair: ['lock'],
  *observe({ host, kernel, isDefault }) {
    if (!isDefault) return;
    const against = locksAgainst(host, kernel.kernel);
    const [first] = against;
    if (first === undefined) return;
    yield {
      defect: true,
      message: `${kernel.kernel} boots next, but ${first.source} locks ${first.name} to ${first.version}.`,
      evidence: {
        locks: describeLocks(against),
        version: onlyVersion(against),
        sources: sourcesOf(against),
        installed: host.kernels.map((installed) => installed.kernel),
      },
    };
  },
};

/** The locks that say that another kernel should boot than this one. */
function locksAgainst(host: HostFacts, kernel: string): readonly VersionLock[] {
  const known = kernelLocks(host, kernel);
  const locks = bootingLocks(host);
  if (known === null) {
    const version = withoutArch(kernel, host.arch);
    return locks.some((lock) => matchesAlias(lock.version, version)) ? [] : locks;
  }
  const own = known.members.filter((each) => each.kernel === kernel);
  const onOwn = own.flatMap((each) => known.locksOn(each.name).map((lock) => ({ lock, each })));
  if (onOwn.length > 0) {
    return onOwn.some(({ lock, each }) => locksVersion(lock, each.version)) ? [] : onOwn.map(({ lock }) => lock);
  }
  // Where each kernel is a package of its own name, one that is held may just be kept: only with what leads to new
  // kernels held as well does it say that no other is wanted.
  const leading = known.members.filter((each) => each.kernel === null).flatMap(({ name }) => known.locksOn(name));
  const others = (host.packages.kernels ?? []).filter(
    (each) => each.boots && each.kernel !== null && each.kernel !== kernel,
  );
  return leading.length === 0 ? [] : others.filter(isUnlike(own)).flatMap(({ name }) => known.locksOn(name));
}

/** Not of the same name: what is of the same name was looked at. */
function isUnlike(own: readonly { readonly name: string }[]) {
  return ({ name }: { readonly name: string }): boolean => own.every((each) => each.name !== name);
}

/** `4.18.0-348.el8.x86_64+debug` is version 4.18.0-348.el8 of another flavour. */
function withoutArch(kernel: string, arch: string): string {
  const at = kernel.indexOf(`.${arch}`);
  return at === -1 ? kernel : kernel.slice(0, at);
}
