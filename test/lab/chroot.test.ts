import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { chrootKernel, chrootPath } from '../setup/chroots.mjs';
import { whyNoChroot, withChroot, type Release } from '../support/chroot.ts';
import { describeUnless } from '../support/where.ts';

const DRACUT: Readonly<Record<Release, RegExp>> = { forky: /112/, trixie: /106/, bookworm: /059/, bullseye: /051/ };

describe.each<Release>(['forky', 'trixie'])('a throwaway host of another release', (release) => {
  describeUnless(whyNoChroot(release), release, () => {
    it('has its own tools, and the bundle runs in it', async () => {
      await withChroot(release, async (host) => {
        expect(await host.sh('. /etc/os-release; echo "$VERSION_CODENAME"')).toBe(`${release}\n`);
        expect(await host.run('/usr/bin/dracut', ['--version'])).toMatch(DRACUT[release]);
        const { answer } = await host.call({ protocol: 1, op: 'version' });
        expect(answer).toMatchObject({ op: 'version', error: null });
      });
    });

    it('leaves no trace of what is done in it', async () => {
      await withChroot(release, async (host) => {
        await host.sh('echo gone > /etc/left-behind');
        expect(existsSync(host.path('/etc/left-behind'))).toBe(true);
      });
      expect(existsSync(`${chrootPath(release)}/etc/left-behind`)).toBe(false);
    });
  });
});

describeUnless(whyNoChroot('trixie'), 'the kernel that lies in trixie', () => {
  it('has an index of its compressed modules', async () => {
    await withChroot('trixie', async (host) => {
      const kernel = chrootKernel('trixie') ?? 'none';
      expect(await host.run('/sbin/modinfo', ['-k', kernel, '-n', 'virtio_blk'])).toMatch(/\.ko\.xz\n$/);
      expect(await host.sh(`test -s /boot/vmlinuz-${kernel} && echo there`)).toBe('there\n');
    });
  });
});
