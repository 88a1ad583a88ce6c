import { expect, it, jest } from '@jest/globals';
import { BUNDLE } from '../setup/build.mjs';
import { chrootKernel, chrootPath } from '../setup/chroots.mjs';
import { SMALL } from '../setup/images.mjs';
import type { Ended } from '../support/bellwether.ts';
import { whyNoChroot } from '../support/chroot.ts';
import { withHost, type Host } from '../support/host.ts';
import { describeUnless } from '../support/where.ts';

jest.setTimeout(600_000);

const DISK = '5e11be11-0000-4000-8000-0be11be11be1';
const ROOT = '/mnt/sysimage';

/** Debian 13 on a disk of its own, mounted below the rescue system's root; its dracut builds what is quick to build. */
const LAY = `
truncate -s 1500M /tmp/disk
mkfs.ext4 -q -U ${DISK} -d "$FROM" /tmp/disk
mkdir ${ROOT} && mount -o loop /tmp/disk ${ROOT} && cd ${ROOT}
ln -s ../lib/systemd/systemd usr/sbin/init
printf 'UUID=${DISK} / ext4 defaults 0 1\\n' > etc/fstab
printf 'dracutmodules+=" %s "\\ndrivers+=" %s "\\nhostonly="no"\\n' "$MODULES" "$DRIVERS" > etc/dracut.conf.d/small.conf
touch -d 2020-01-01 etc/dracut.conf.d/small.conf
mkdir -p boot/grub && cat > boot/grub/grub.cfg <<MENU
set default=0
menuentry 'Debian' {
  linux /boot/vmlinuz-$KERNEL root=UUID=${DISK} ro
  initrd /boot/initrd.img-$KERNEL
}
MENU
`;

interface Rescued extends Host {
  readonly kernel: string;
  /** A command line as a person types it in the rescue system. */
  readonly bellwether: (...args: readonly string[]) => Promise<Ended>;
}

function inRescueSystem(test: (host: Rescued) => Promise<void>): Promise<void> {
  const kernel = chrootKernel('trixie');
  if (kernel === null) throw new Error('trixie has no kernel');
  return withHost(async (host) => {
    const env = { FROM: chrootPath('trixie'), KERNEL: kernel, MODULES: SMALL.modules, DRIVERS: SMALL.drivers };
    await host.sh(LAY, { env, timeout: 300_000 });
    try {
      await test({
        ...host,
        kernel,
        bellwether: (...args) => host.tryRun(process.execPath, [BUNDLE, ...args], { timeout: 500_000 }),
      });
    } finally {
      await host.sh(`umount ${ROOT}`);
    }
  });
}

describeUnless(whyNoChroot('trixie'), 'from the rescue system, a host that does not boot', () => {
  it('is judged, mended with its own tools, judged again, and left without a mount', async () => {
    await inRescueSystem(async ({ bellwether, sh }) => {
      const traces = () => sh(`cut -d" " -f5 /proc/self/mountinfo; ls -A ${ROOT}/proc ${ROOT}/sys ${ROOT}/dev`);
      const found = await traces();

      const before = await bellwether('check', '--root', ROOT);
      expect(before).toMatchObject({ status: 2, stdout: expect.stringContaining('fatal: image_missing') });
      const planned = await bellwether('repair', '--root', ROOT, '--dry-run');
      expect(planned).toMatchObject({ status: 0, stderr: '' });
      expect(planned.stdout).toMatch(/^repair: 2 steps\n\n {2}1 {3}build the image of /);

      const done = await bellwether('repair', '--root', ROOT, '--yes');
      expect(done).toMatchObject({ stderr: '' });
      expect(done.stdout).toMatch(/verdict +none +unknown\n/);
      // Built by Debian 13's dracut, not by the rescue system's.
      const { stdout } = await bellwether('inspect', '--root', ROOT, '--format', 'json');
      expect(stdout).toMatch(/"dracut":\{"modules":\[[^\]]*\],"version":"106-/);
      // A disk that is a file here has a driver that only the machine it goes back to can tell: or somebody who knows it.
      expect(await bellwether('check', '--root', ROOT)).toMatchObject({ status: 3 });
      expect(await traces()).toBe(found);
    });
  });

  it('is not written to while its /boot is not mounted', async () => {
    await inRescueSystem(async ({ bellwether, sh }) => {
      await sh(`echo 'UUID=0000-0000 /boot ext4 defaults 0 2' >> ${ROOT}/etc/fstab`);
      const refused = await bellwether('repair', '--root', ROOT, '--yes');
      expect(refused).toMatchObject({ status: 3, stdout: '' });
      expect(refused.stderr).toMatch(
        /\/boot .*is in fstab but not mounted[^]*hint: mount UUID=0000-0000 \/mnt\/sysimage\/boot/,
      );
    });
  });
});
