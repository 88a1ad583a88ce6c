import { whyNot } from '../setup/cache.mjs';
import { chrootPath } from '../setup/chroots.mjs';
import { withOverlay, whyNoOverlay } from '../setup/overlay.mjs';
import { hostIn, type Host } from './host.ts';

/** A Debian release other than this machine's, whose own tools run. */
export type Release = Parameters<typeof chrootPath>[0];

/** Why there is no throwaway host of this release here, or null. */
export function whyNoChroot(release: Release): string | null {
  return whyNoOverlay() ?? whyNot(`chroot-${release}`);
}

/**
 * As `withHost`, with another Debian release in place of this machine's: forky has dracut 112, dnf 5 and zypper; trixie
 * has dracut 106, dnf 4.23 and a kernel (`chrootKernel`). Only `/proc`, `/sys` and `/dev` are the machine's.
 */
export function withChroot<T>(release: Release, test: (host: Host) => Promise<T>): Promise<T> {
  return withOverlay((overlay) => test(hostIn(overlay)), chrootPath(release));
}
