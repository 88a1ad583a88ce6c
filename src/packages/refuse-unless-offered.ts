import { compareEvr } from '../versions/rpm-versions.ts';
import type { Package } from './types.ts';
import { versionAbsent } from './version-absent.ts';

/**
 * Each of these packages must be offered in exactly its version and architecture.
 * @param offered oldest first
 * @throws BellwetherError `version_absent` naming what comes nearest
 */
export function refuseUnlessOffered(packages: readonly Package[], offered: readonly Package[]): void {
  for (const each of packages) {
    const fellows = offered.filter(({ name, arch }) => name === each.name && arch === each.arch);
    if (!fellows.some(({ version }) => version === each.version)) throw versionAbsent(each, fellows, compareEvr);
  }
}
