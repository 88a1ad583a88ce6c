import { expect, jest, test } from '@jest/globals';
import type { Finding } from '../../src/protocol/messages.ts';
import { whyNot } from '../setup/cache.mjs';
import { layKernel } from '../setup/images.mjs';
import { kernels } from '../setup/kernels.mjs';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { expectKind } from '../support/answers.ts';
import { withHost, type Host } from '../support/host.ts';
import { askThrice, refused } from '../support/mending.ts';
import { describeUnless } from '../support/where.ts';

jest.setTimeout(300_000);

const CODES = ['packages_damaged', 'kernel_drift', 'lock_incomplete', 'lock_drifted', 'lock_missing'];

/** Makes the host's kernel dpkg's own: the package of its image, as Debian names it, and what leads to it. */
const PACKAGE = `
make() {
  printf '%s\\n' "Package: $1" 'Version: 6.1.192-2' 'Architecture: all' 'Maintainer: lab <lab@localhost>' 'Section: kernel' 'Source: linux-signed-amd64' 'Description: lab' "\${@:2}" > "$at/DEBIAN/control"
  dpkg-deb --root-owner-group --build -Znone "$at" /tmp/lab.deb > /dev/null
  dpkg --install /tmp/lab.deb > /dev/null
}
at=$(mktemp -d); mkdir "$at/DEBIAN"
make linux-image-lab "Depends: linux-image-$K" 2> /tmp/refused && exit 1 # what it leads to is not there yet
mkdir "$at/boot"; cp "/boot/vmlinuz-$K" "$at/boot/"
(cd "$at" && md5sum "boot/vmlinuz-$K" > DEBIAN/md5sums)
make "linux-image-$K"
rm -r "$at/boot" "$at/DEBIAN/md5sums"
make linux-image-lab "Depends: linux-image-$K"
`;

/** This machine with a kernel of the cache, and a menu of GRUB that boots it. */
function withDebian(tests: (host: Host, kernel: string) => Promise<void>) {
  const { version: kernel } = kernels().cloud;
  return withHost(async (host) => {
    await layKernel(host, kernels().cloud);
    await host.sh('mkdir -p /boot/grub && cat > /boot/grub/grub.cfg', {
      input: `menuentry 'Lab' {\n  linux /boot/vmlinuz-${kernel} root=/dev/vda1 ro\n  initrd /boot/initrd.img-${kernel}\n}\n`,
    });
    await tests(host, kernel);
  });
}

/** What the rules about packages say; whether an overlay boots is another matter. */
async function told(host: Host): Promise<readonly Finding[]> {
  const { answer } = await host.call({ protocol: 1, op: 'check', detail: 'full' });
  return expectKind('check', answer).findings.filter(({ code }) => CODES.includes(code));
}

describeUnless(whyNot('kernel') ?? whyNoOverlay(), "a check reads dpkg's database", () => {
  test('and has nothing to say of this machine as Debian left it', async () => {
    await withDebian(async (host, kernel) => {
      expect(await told(host)).toEqual([]);
      await host.sh(PACKAGE, { env: { K: kernel } });
      expect(await told(host)).toEqual([]);
    });
  });

  test('and names what was lost or overwritten, as dpkg itself does', async () => {
    await withDebian(async (host, kernel) => {
      await host.sh(PACKAGE, { env: { K: kernel } });
      await host.sh(
        `kmod=$(dpkg -L kmod | grep /modprobe.d/ | grep conf | head -1)
         rm "$kmod"; echo "$kmod" > /tmp/lost; cp "/boot/vmlinuz-${kernel}" /tmp/v; echo x >> /tmp/v; cp --remove-destination /tmp/v "/boot/vmlinuz-${kernel}"`,
      );
      const lost = (await host.sh('cat /tmp/lost')).trim();
      expect((await told(host)).map(({ code, evidence }) => [code, evidence.package, evidence.files])).toEqual([
        ['packages_damaged', 'kmod', [{ path: lost, differs: ['missing'] }]],
        ['packages_damaged', `linux-image-${kernel}`, [{ path: `/boot/vmlinuz-${kernel}`, differs: ['digest'] }]],
      ]);
      expect(await host.sh('dpkg --verify kmod')).toBe(`missing     ${lost}\n`);
    });
  });

  test('tells a package whose script failed, and one that dpkg left in the middle; a reinstall configures it', async () => {
    await withDebian(async (host) => {
      const left = (name: string, status: string): Promise<string> =>
        host.sh(`sed -i '/^Package: ${name}$/,/^$/s/^Status: .*/Status: ${status}/' /var/lib/dpkg/status`);
      await left('kmod', 'hold ok half-configured');
      expect((await told(host)).map(({ code, evidence }) => [code, evidence.package, evidence.state])).toEqual([
        ['packages_damaged', 'kmod', 'half-configured'],
      ]);
      await host.sh(`printf '#!/bin/sh\n[ -e /tmp/room ] || { echo "no room on /boot" >&2; exit 1; }\n' > /var/lib/dpkg/info/kmod.postinst
        chmod 755 /var/lib/dpkg/info/kmod.postinst`);
      const request = { op: 'reinstall', params: { packages: ['kmod'] } };
      const { changed, error } = await refused(host, request);
      expect({ changed, error }).toMatchObject({
        changed: false,
        error: { code: 'command_failed', hint: expect.stringContaining('dpkg --configure -a') },
      });
      await host.sh('touch /tmp/room');
      const done = await askThrice(host, 'reinstall', request.params, () => host.sh('dpkg --status kmod'));
      expect(done.steps.map(({ command }) => command?.join(' '))).toEqual(['dpkg --force-confold --configure -a']);
      expect(done.changes).toMatchObject([{ before: 'half-configured', after: 'intact' }]);
      expect(await host.sh('apt-mark showhold')).toBe('kmod\n');
    });
  });

  test('and finds an image that is held while what leads to the next one is free', async () => {
    await withDebian(async (host, kernel) => {
      await host.sh(PACKAGE, { env: { K: kernel } });
      await host.sh(`apt-mark hold linux-image-${kernel}`);
      expect((await told(host)).map(({ code, evidence }) => [code, evidence.not_locked])).toEqual([
        ['lock_incomplete', ['linux-image-lab']],
      ]);
      await host.sh('apt-mark hold linux-image-lab');
      expect(await told(host)).toEqual([]);
      await host.sh(`apt-mark unhold linux-image-${kernel}`);
      expect(await told(host)).toEqual([]);
    });
  });
});
