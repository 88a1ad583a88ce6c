import { describe, expect, it } from '@jest/globals';
import { KMOD } from '../setup/rpms.mjs';
import { KERNELS } from '../setup/suse-rpms.mjs';
import { expectKind } from '../support/answers.ts';
import { packageOf, REPOSITORY, whyNoZypper, withZypper, type RpmHost } from '../support/rpm-host.ts';
import { describeUnless } from '../support/where.ts';

const LOCK_FILE = '/etc/zypp/locks';
const [FIRST, SECOND, LAST] = KERNELS;
const SOME = [`kernel-default=${SECOND}`, `kernel-default-devel=${SECOND}`, `kmod=${KMOD.old}`];
const kernels = (version: string) => ['kernel-default', 'kernel-default-devel'].map((name) => packageOf(name, version));
const kmod = packageOf('kmod', KMOD.old);

const zypper = (host: RpmHost, ...args: readonly string[]) =>
  host.tryRun('/usr/bin/zypper', ['--non-interactive', ...args]);

describeUnless(whyNoZypper(), 'zypper', () => {
  describe('packages', () => {
    it('are told with their versions, installed and offered, oldest first', async () => {
      await withZypper(SOME, async ({ manager }) => {
        expect(await manager.installed(['kernel-default', 'kmod', 'nosuch', '--all'])).toMatchObject([
          { name: 'kernel-default', version: SECOND },
          { name: 'kmod', version: KMOD.old },
        ]);
        expect((await manager.kernelPackages()).map(({ name }) => name)).toContain('kernel-default');
        const offered = await manager.available('kernel-default');
        expect(offered).toEqual(KERNELS.map((version) => ({ name: 'kernel-default', version, arch: 'x86_64' })));
        expect(await manager.available('nosuch')).toEqual([]);
        expect(await manager.available('--repo')).toEqual([]);
        expect(await manager.available('*')).toEqual([]);
      });
    });

    it('that are damaged are sound after a reinstall of the same version, locked or not', async () => {
      await withZypper(SOME, async (host) => {
        const { manager } = host;
        await host.lock([kmod]);
        await host.sh('echo damage > /usr/bin/kmod');
        expect(await manager.verify(['kmod', 'nosuch'])).toMatchObject([{ name: 'kmod', damaged: true }]);
        await host.carryOut(await manager.planReinstall([kmod], true));
        expect(await manager.verify(['kmod'])).toMatchObject([{ name: 'kmod', version: KMOD.old, damaged: false }]);
      });
    });

    it('of an older kernel are installed beside the newer, where zypper by itself does nothing and says 0', async () => {
      await withZypper(SOME, async (host) => {
        const bare = await zypper(host, 'install', '--', `kernel-default=${FIRST}`);
        expect({ status: bare.status, has: await host.installed('kernel-default') }).toEqual({
          status: 0,
          has: [`kernel-default-${SECOND}`],
        });
        await host.carryOut(await host.manager.planInstall(kernels(FIRST)));
        expect(await host.installed('kernel-default')).toEqual([`kernel-default-${FIRST}`, `kernel-default-${SECOND}`]);
      });
    });

    it('that no repository has any more are told with the nearest versions before anything is done', async () => {
      await withZypper(SOME, async (host) => {
        const plan = await host.manager.planReinstall([kmod], false);
        await host.withdraw(`kmod-${KMOD.old}`, `kernel-default-${SECOND}`);
        const absent = { code: 'version_absent', at: { nearest: [FIRST, LAST] } };
        await expect(host.manager.planReinstall(kernels(SECOND), true)).rejects.toMatchObject(absent);
        await expect(host.manager.planInstall([packageOf('nosuch', '1-1')])).rejects.toMatchObject({
          code: 'version_absent',
          at: { nearest: [] },
        });
        // "Forcing installation of … from repository '@System'": it does nothing and says 0.
        await expect(host.carryOut(plan)).rejects.toMatchObject({ code: 'version_absent' });
      });
    });
  });

  describe('locks', () => {
    it('hold the kernel where it is', async () => {
      await withZypper(SOME, async (host) => {
        const { manager } = host;
        expect(await manager.wouldMove(packageOf('kernel-default', SECOND))).toBe(LAST);
        expect(await manager.wouldMove(kmod)).toBe(KMOD.new);
        const plan = manager.planLock(await manager.locks(), kernels(SECOND), true);
        await host.carryOut(plan.commands);
        expect(await manager.locks()).toEqual(plan.add);
        expect(await manager.wouldMove(packageOf('kernel-default', SECOND))).toBeNull();
        for (const way of ['update', 'dist-upgrade']) await zypper(host, way);
        expect(await host.installed('kernel-default', 'kernel-default-devel', 'kmod')).toEqual([
          `kernel-default-${SECOND}`,
          `kernel-default-devel-${SECOND}`,
          `kmod-${KMOD.new}`,
        ]);
        expect(manager.planLock(await manager.locks(), kernels(SECOND), true).commands).toEqual([]);
      });
    });

    it('leave behind what wants another version', async () => {
      await withZypper(SOME, async (host) => {
        await host.sh(`
          cd ${REPOSITORY}
          for version in 1 2; do
            printf '%s\\n' 'Name: needy' "Version: $version" 'Release: 1' 'Summary: needy' 'License: MIT' 'BuildArch: noarch' \\
              "Requires: kernel-default = $([ $version = 1 ] && echo ${SECOND} || echo ${LAST})" \\
              '%description' needy '%files' > /tmp/needy.spec
            rpmbuild -bb --quiet --nodeps --define "_rpmdir $PWD" /tmp/needy.spec
          done
          createrepo_c --quiet .`);
        await host.carryOut(await host.manager.planInstall([{ ...packageOf('needy', '1-1'), arch: 'noarch' }]));
        await host.lock(kernels(SECOND));
        expect(await host.manager.wouldMove(packageOf('kernel-default', SECOND))).toBeNull();
        await zypper(host, 'update');
        expect(await host.installed('kernel-default', 'needy')).toEqual([`kernel-default-${SECOND}`, 'needy-1-1']);
      });
    });

    it('may be on a version that is not installed yet', async () => {
      await withZypper(SOME, async (host) => {
        await host.lock(kernels(LAST));
        await host.carryOut(await host.manager.planInstall(kernels(LAST)));
        expect(await host.installed('kernel-default')).toEqual([`kernel-default-${LAST}`, `kernel-default-${SECOND}`]);
      });
    });

    it('give way to another version, the new one first, and all others stay', async () => {
      await withZypper(SOME, async (host) => {
        const { manager } = host;
        await zypper(host, 'addlock', '--comment', 'ours', '--', 'bash < 6', 'kernel-firmware-*');
        await zypper(host, 'addlock', '--type', 'patch', '--', 'kmod');
        await zypper(host, 'addlock', '--repo', 'lab', '--', 'kmod');
        await zypper(
          host,
          'addlock',
          '--',
          'kmod',
          `kmod = ${KMOD.new}`,
          `kmod != ${KMOD.new}`,
          `kmod != 0:${KMOD.old}`,
        );
        const plan = manager.planLock(await manager.locks(['kmod']), [kmod], true);
        expect(plan.add).toEqual([]);
        expect(plan.remove.map(({ line }) => line).sort()).toEqual(
          ['kmod', `kmod != ${KMOD.new}`, `kmod = ${KMOD.new}`, 'kmod in repository lab'].sort(),
        );
        await host.carryOut(plan.commands);
        expect((await manager.locks()).map(({ line }) => line).sort()).toEqual(
          ['bash < 6', 'kernel-firmware-*', `kmod != ${KMOD.old}`].sort(),
        );
        const kept = await host.run('/bin/cat', [LOCK_FILE]);
        expect(kept).toContain('comment: ours');
        expect(kept).toContain('type: patch');
        const moved = manager.planLock(await manager.locks(['kmod']), [packageOf('kmod', KMOD.new)], true);
        expect(moved.commands.map(({ action }) => action)).toEqual(['lock', 'unlock']);
        await host.carryOut(moved.commands);
        expect(await manager.locks(['kmod'])).toEqual(moved.add);
      });
    });

    it('are removed as asked and no others', async () => {
      await withZypper(SOME, async (host) => {
        const { manager } = host;
        await zypper(host, 'addlock', '--', 'kmod');
        await host.lock([...kernels(SECOND), kmod], false);
        const ours = (await manager.locks(['kmod'])).filter(({ excludes }) => !excludes);
        await host.carryOut(manager.planUnlock(ours).commands);
        expect((await manager.locks()).map(({ line }) => line).sort()).toEqual([
          `kernel-default != ${SECOND}`,
          `kernel-default-devel != ${SECOND}`,
          'kmod',
        ]);
      });
    });

    it('are read back: zypper says 0 where it removed nothing', async () => {
      await withZypper(SOME, async (host) => {
        await host.lock([kmod]);
        const bare = await zypper(host, 'removelock', '--', 'kmod');
        expect({ status: bare.status, locks: await host.manager.locks() }).toMatchObject({
          status: 0,
          locks: [{ name: 'kmod', version: KMOD.old }],
        });
        // A zypper that does nothing at all.
        await host.sh('ln -sf /bin/true /usr/bin/zypper');
        const unlock = host.manager.planUnlock(await host.manager.locks());
        await expect(host.carryOut(unlock.commands)).rejects.toMatchObject({ code: 'not_effective' });
        await expect(host.lock([packageOf('bash', '5-1')])).rejects.toMatchObject({ code: 'not_effective' });
      });
    });
  });

  it('has a drifted kernel locked back by bellwether, and an update leaves it alone', async () => {
    await withZypper(SOME, async (host) => {
      await host.lock(kernels(SECOND)); // which forbids the one that is asked for
      const lock = async (dryRun: boolean) => {
        const params = { version: FIRST, install: true };
        const { answer } = await host.call({ protocol: 1, op: 'lock', dry_run: dryRun, params });
        return expectKind('lock', answer);
      };
      const planned = await lock(true);
      const done = await lock(false);
      expect(done.changes).toEqual(planned.changes);
      expect(done.locks.map(({ line }) => line)).toEqual(kernels(FIRST).map(({ name }) => `${name} != ${FIRST}`));
      expect(await lock(false)).toMatchObject({ changed: false, changes: [], steps: [] });
      await zypper(host, 'update');
      expect(await host.installed('kernel-default', 'kmod')).toEqual([
        `kernel-default-${FIRST}`,
        `kernel-default-${SECOND}`,
        `kmod-${KMOD.new}`,
      ]);
    });
  });

  describe('trouble', () => {
    it('with another run at work is told with its pid', async () => {
      await withZypper(SOME, async (host) => {
        const pid = Number(await host.sh('sleep 100 > /dev/null 2>&1 & echo $! | tee /run/zypp.pid'));
        const busy = { code: 'busy', at: { pid } };
        await expect(host.lock([kmod])).rejects.toMatchObject(busy);
        await expect(host.manager.available('kmod')).rejects.toMatchObject(busy);
        expect(await host.manager.locks()).toEqual([]);
        await host.sh(`kill ${String(pid)}`);
        await host.lock([kmod]);
        // An rpm without zypper.
        const reinstall = await host.manager.planReinstall([kmod], false);
        await host.whileHeld('/var/lib/rpm/.rpm.lock', async (other) => {
          await expect(host.carryOut(reinstall)).rejects.toMatchObject({ code: 'busy', at: { pid: other } });
        });
        await host.carryOut(reinstall);
      });
    });

    it('with a lock that forbids what is asked is told as that', async () => {
      await withZypper(SOME, async (host) => {
        await host.lock(kernels(SECOND));
        const plan = await host.manager.planInstall(kernels(LAST));
        await expect(host.carryOut(plan)).rejects.toMatchObject({
          code: 'command_failed',
          message: 'zypper refused: a version lock forbids it',
        });
      });
    });

    it('with the repository is told, though zypper goes on without it', async () => {
      await withZypper(SOME, async (host) => {
        const reinstall = await host.manager.planReinstall([kmod], false);
        await host.sh(`mv ${REPOSITORY} /srv/gone; zypper --non-interactive clean --all`);
        await expect(host.manager.available('kmod')).rejects.toMatchObject({ code: 'repository_unreachable' });
        await expect(host.carryOut(reinstall)).rejects.toMatchObject({ code: 'repository_unreachable' });
        expect(await host.installed('kmod')).toEqual([`kmod-${KMOD.old}`]);
      });
    });
  });
});
