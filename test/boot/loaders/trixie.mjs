// @ts-check
// What of loaders Debian 12 does not have: packages of Debian 13, in a throwaway host of it.
import { readFileSync } from 'node:fs';
import { chrootPath } from '../../setup/chroots.mjs';
import { withOverlay } from '../../setup/overlay.mjs';

const APT = 'apt-get -qq -o APT::Sandbox::User=root';

/**
 * @template T
 * @param {readonly string[]} packages
 * @param {(host: import('../../setup/overlay.mjs').OverlayHost) => Promise<T>} work
 * @returns {Promise<T>}
 */
export function withTrixie(packages, work) {
  const install = `${APT} -o Acquire::Check-Valid-Until=false -o Acquire::Check-Date=false update
${APT} -o Dpkg::Use-Pty=0 install -y --no-install-recommends ${packages.join(' ')} >&2`;
  return withOverlay(async (host) => {
    await host.sh(install, { timeout: 900_000, env: { DEBIAN_FRONTEND: 'noninteractive' } });
    return work(host);
  }, chrootPath('trixie'));
}

/** systemd-boot, signed by the key that Debian's shim brings. */
export const signedSystemdBoot = () =>
  withTrixie(['systemd-boot-efi-amd64-signed'], (host) =>
    Promise.resolve(readFileSync(host.path('/usr/lib/systemd/boot/efi/systemd-bootx64.efi.signed'))),
  );
