// @ts-check
// The throwaway host that a base is built in: this machine's own Debian, or another release's folder.
import { readdirSync } from 'node:fs';
import { chrootPath, kernelScript } from '../setup/chroots.mjs';
import { kernels } from '../setup/kernels.mjs';

/** @typedef {import('../setup/overlay.mjs').OverlayHost} OverlayHost */
/** @typedef {import('../setup/chroots.mjs').Release} Release */
/**
 * @typedef {object} BuildHost
 * @property {Release | null} [release] this machine's own Debian where there is none
 * @property {'cloud' | 'generic'} [kernel] of this machine's own Debian, the cloud's unless told
 * @property {string} [metapackage] of the kernel, where the release's folder holds none
 */

const LONG = { timeout: 900_000, env: { DEBIAN_FRONTEND: 'noninteractive' } };

/**
 * What lies below the throwaway host.
 * @param {Release | null} [release]
 */
export const rootOf = (release = null) => (release === null ? '/' : chrootPath(release));

/**
 * Sees to it that a throwaway host holds the kernel that an image is built for, and says its version.
 * @param {OverlayHost} host
 * @param {BuildHost} of
 */
export async function layKernel(host, { release = null, kernel = 'cloud', metapackage }) {
  if (release === null) {
    const { dir, version } = kernels()[kernel];
    await host.sh(
      `mkdir -p /boot /lib/modules && cp ${dir}/boot/* /boot/ && cp -r ${dir}/lib/modules/${version} /lib/modules/`,
    );
    return version;
  }
  if (metapackage !== undefined) await host.sh(kernelScript(metapackage), LONG);
  const [version] = readdirSync(host.path('/usr/lib/modules'));
  if (version === undefined) throw new Error(`${release} has no kernel`);
  return version;
}
