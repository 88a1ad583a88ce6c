import { copyFile } from 'node:fs/promises';
import { expect, jest, test } from '@jest/globals';
import { whyNot } from '../setup/cache.mjs';
import { whyNoBootableHost, withBootableHost, type BootableHost } from '../support/bootable-host.ts';
import { whyNoChroot } from '../support/chroot.ts';
import { describeUnless } from '../support/where.ts';

// A generator takes 10 to 30 s on an idle machine.
jest.setTimeout(1_800_000);

/** Rebuilds what is not there, and looks that it is done once. */
async function expectRebuilt(host: BootableHost, params: Parameters<BootableHost['rebuild']>[0]): Promise<string> {
  const plan = await host.rebuilt(params, { dry_run: true });
  const done = await host.rebuilt(params);
  expect({ steps: done.steps, changes: done.changes }).toEqual({ steps: plan.steps, changes: plan.changes });
  expect({ verdict: done.verdict, image: done.images[0] }).toMatchObject({
    verdict: 'healthy',
    image: { rebuilt: true, after: { verdict: 'healthy' } },
  });
  expect((await host.rebuilt(params)).changed).toBe(false);
  return done.changes.map(({ after }) => String(after)).join('\n');
}

for (const [release, version] of [
  ['trixie', '106'],
  ['forky', '112'],
] as const)
  describeUnless(whyNot('kernel') ?? whyNoBootableHost() ?? whyNoChroot(release), `dracut ${version}`, () => {
    test('builds the image that the entry names, with lists, compression and host-only mode as asked', async () => {
      await withBootableHost(
        async (host) => {
          // These folders are no whole systems: they lack an init, and forky a switch_root too.
          await host.sh('[ -e /sbin/init ] || ln -s /usr/lib/systemd/systemd /sbin/init');
          if ((await host.sh('command -v switch_root || true')) === '') {
            // dracut says so, and exits 0 with an image that ends in a shell.
            const { error } = await host.rebuild();
            expect(error).toMatchObject({
              code: 'image_refused',
              at: {
                findings: [expect.objectContaining({ code: 'boot_program_missing' })],
                log: expect.arrayContaining([expect.stringContaining('Failed to install switch_root')]),
              },
            });
            await copyFile('/usr/sbin/switch_root', host.path('/usr/sbin/switch_root'));
          }
          const said = await expectRebuilt(host, {
            hostonly: false,
            compress: 'gzip',
            add_drivers: ['loop', 'dm_mod'],
            omit_drivers: ['xfs'],
            add_modules: ['dm'],
            omit_modules: ['shutdown'],
          });
          expect(said).toContain(`dracut ${version}`);
          const listed = await host.sh(`lsinitrd ${host.image}`);
          expect(listed).toMatch(/dm-mod\.ko/);
          expect(listed).toContain(
            "--no-hostonly --add-drivers 'loop dm_mod' --omit-drivers 'xfs' --add 'dm' --omit 'shutdown' --gzip",
          );
        },
        'cloud',
        release,
      );
    });
  });

describeUnless(whyNot('kernel') ?? whyNoBootableHost(), 'initramfs-tools', () => {
  test('builds the image that the entry names, with drivers added and the configuration left alone', async () => {
    await withBootableHost(async (host) => {
      const apt = 'apt-get -qq -o APT::Sandbox::User=root -o Dpkg::Use-Pty=0';
      await host.sh(
        `rm -f /usr/bin/dracut; mkdir -p /etc/kernel/postinst.d; ${apt} install -y --no-install-recommends initramfs-tools-core`,
        { timeout: 300_000, env: { DEBIAN_FRONTEND: 'noninteractive' } },
      );
      const sums = 'find /etc/initramfs-tools -type f | sort | xargs sha256sum';
      const before = await host.sh(sums);
      const said = await expectRebuilt(host, { add_drivers: ['pcspkr', 'loop'], compress: 'gzip' });
      expect(said).toContain('initramfs-tools');
      expect(await host.sh(sums)).toBe(before);
      expect(
        await host.sh(`mkdir /srv/i && cd /srv/i && zcat ${host.image} | cpio -id --quiet && find . -name 'loop.ko*'`),
      ).toMatch(/loop\.ko/);
      const refused = await host.rebuild({ when: 'always', omit_drivers: ['loop'] });
      expect(refused.error).toMatchObject({ code: 'not_supported', at: { param: 'omit_drivers' } });
    });
  });
});
