// @ts-check
// Unified kernel images by Debian 13's ukify, which Debian 12 does not have, and the loader and stub that go with it.
import { readFileSync, writeFileSync } from 'node:fs';
import { withTrixie } from './trixie.mjs';

const OS_RELEASE = 'ID=lab\nVERSION_ID=1\nNAME=Lab\nPRETTY_NAME=Lab\n';

/**
 * @param {readonly (import('./bases.mjs').Installed & {commandLine: string})[]} kernels
 * @returns {Promise<{loader: Buffer, images: {kernel: string, unified: Buffer}[]}>}
 */
export function unifiedImages(kernels) {
  return withTrixie(['systemd-ukify', 'systemd-boot-efi'], async (host) => {
    writeFileSync(host.path('/tmp/os-release'), OS_RELEASE);
    const images = [];
    for (const { kernel, vmlinuz, image, commandLine } of kernels) {
      for (const [name, content] of /** @type {const} */ ([
        ['linux', vmlinuz],
        ['initrd', image],
        ['cmdline', commandLine],
      ]))
        writeFileSync(host.path(`/tmp/${name}`), content);
      await host.run('ukify', [
        ...['build', '--linux=/tmp/linux', '--initrd=/tmp/initrd', '--cmdline=@/tmp/cmdline'],
        ...[`--uname=${kernel}`, '--os-release=@/tmp/os-release', '--output=/tmp/unified'],
      ]);
      images.push({ kernel, unified: readFileSync(host.path('/tmp/unified')) });
    }
    return { loader: readFileSync(host.path('/usr/lib/systemd/boot/efi/systemd-bootx64.efi')), images };
  });
}
