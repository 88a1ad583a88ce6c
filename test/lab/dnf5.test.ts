import { describe, expect, it } from '@jest/globals';
import { elImage, EVR, K, KMOD } from '../setup/rpms.mjs';
import { expectKind } from '../support/answers.ts';
import { entryOf } from '../support/el-sheep.ts';
import { packageOf, REPOSITORY, whyNoDnf5, withDnf5, type RpmHost } from '../support/rpm-host.ts';
import { describeUnless } from '../support/where.ts';

const LOCK_FILE = '/etc/dnf/versionlock.toml';
const FAMILY = ['kernel', 'kernel-core', 'kernel-modules'];
const OLD = [...FAMILY.map((name) => `${name}-${EVR.old}`), `kmod-${KMOD.old}`];
const family = (version: string) => FAMILY.map((name) => packageOf(name, version));
const kmod = packageOf('kmod', KMOD.old);

const read = (host: RpmHost): Promise<string> => host.run('/bin/cat', [LOCK_FILE]);
const write = (host: RpmHost, text: string): Promise<string> => host.sh(`cat > ${LOCK_FILE}`, { input: text });
const entry = (name: string, comparator: string, evr: string): string =>
  `[[packages]]\nname = "${name}"\n[[packages.conditions]]\nkey = "evr"\ncomparator = "${comparator}"\nvalue = "${evr}"\n`;
/** Both kernels have their images; GRUB takes its entries from /boot/loader, and the default from its environment. */
const BOOTS_BY_GRUB = `
  cp $IMAGES /boot/
  mkdir -p /boot/grub2
  printf '%s\\n' 'load_env' 'set default="\${saved_entry}"' 'insmod blscfg' 'blscfg' > /boot/grub2/grub.cfg
  { printf '# GRUB Environment Block\\nsaved_entry=%s\\n' "$DEFAULT"; printf '#%.0s' {1..1024}; } | head -c 1024 > /boot/grub2/grubenv`;

describeUnless(whyNoDnf5(), 'dnf 5', () => {
  describe('packages', () => {
    it('are told with their versions, installed and offered, oldest first', async () => {
      await withDnf5([...OLD, `kernel-core-${EVR.new}`, `kernel-modules-${EVR.new}`], async ({ manager }) => {
        expect(await manager.installed(['kernel-core', 'kmod', 'nosuch', '--all'])).toMatchObject([
          { name: 'kernel-core', version: EVR.old },
          { name: 'kernel-core', version: EVR.new },
          { name: 'kmod', version: KMOD.old },
        ]);
        const kernels = await manager.kernelPackages();
        expect(kernels.map(({ name, version }) => `${name}-${version}`)).toEqual(
          expect.arrayContaining([`kernel-core-${EVR.old}`, `kernel-core-${EVR.new}`]),
        );
        expect(await manager.available('kmod')).toEqual([kmod, packageOf('kmod', KMOD.new)].map(plain));
        expect(await manager.available('nosuch')).toEqual([]);
        expect(await manager.available('--installed')).toEqual([]);
        expect(await manager.available('*')).toEqual([]);
      });
    });

    it('that are damaged are sound after a reinstall of the same version', async () => {
      await withDnf5(OLD, async (host) => {
        const { manager } = host;
        await host.sh('echo damage > /usr/bin/kmod; echo "# mine" >> /etc/depmod.d/dist.conf');
        expect(await manager.verify(['kmod', 'nosuch'])).toMatchObject([{ name: 'kmod', damaged: true }]);
        await host.carryOut(await manager.planReinstall([kmod], true));
        expect(await manager.verify(['kmod'])).toMatchObject([{ name: 'kmod', version: KMOD.old, damaged: false }]);
      });
    });

    it('of an older kernel are installed beside the newer', async () => {
      await withDnf5(
        [`kernel-core-${EVR.new}`, `kernel-modules-${EVR.new}`, `kernel-headers-${EVR.new}`],
        async (host) => {
          const wanted = [...family(EVR.old), packageOf('kernel-headers', EVR.old)];
          await host.carryOut(await host.manager.planInstall(wanted));
          expect(await host.installed('kernel-core', 'kernel-headers')).toEqual([
            `kernel-core-${EVR.old}`,
            `kernel-core-${EVR.new}`,
            `kernel-headers-${EVR.old}`, // of these there can be one
          ]);
        },
      );
    });

    it('that no repository has any more are told with the nearest versions, and nothing is changed', async () => {
      await withDnf5(OLD, async (host) => {
        const { manager } = host;
        const planned = await manager.planReinstall([kmod], true);
        await host.withdraw(`kmod-${KMOD.old}`, 'kernel-headers');
        const absent = {
          code: 'version_absent',
          at: { package: 'kmod', version: KMOD.old, nearest: [KMOD.new] },
        };
        await expect(manager.planReinstall([packageOf('kernel-core', EVR.old), kmod], true)).rejects.toMatchObject(
          absent,
        );
        await expect(manager.planInstall([packageOf('kernel-headers', EVR.old)])).rejects.toMatchObject({
          code: 'version_absent',
          at: { nearest: [] },
        });
        await expect(host.carryOut(planned)).rejects.toMatchObject({ code: 'version_absent' });
        expect(await host.installed('kmod')).toEqual([`kmod-${KMOD.old}`]);
      });
    });

    it('are reinstalled without those kernels going that are too many', async () => {
      await withDnf5([...OLD, `kernel-core-${EVR.new}`, `kernel-modules-${EVR.new}`], async (host) => {
        await host.sh('sed -i s/^installonly_limit=.*/installonly_limit=1/ /etc/dnf/dnf.conf');
        const bare = await host.tryRun('/usr/bin/dnf5', ['--assumeno', 'reinstall', 'kmod']);
        expect(bare.stdout).toContain('Removing:\n kernel');
        await host.carryOut(await host.manager.planReinstall([kmod], false));
        expect(await host.installed('kernel-core')).toEqual([`kernel-core-${EVR.old}`, `kernel-core-${EVR.new}`]);
      });
    });
  });

  describe('locks', () => {
    it('hold the whole kernel family where it is', async () => {
      await withDnf5(OLD, async (host) => {
        const { manager } = host;
        const moves = await Promise.all(family(EVR.old).map((each) => manager.wouldMove(each)));
        expect(moves).toEqual([EVR.new, EVR.new, EVR.new]);
        const plan = manager.planLock(await manager.locks(), family(EVR.old), true);
        expect(plan).toMatchObject({ remove: [], commands: [{ action: 'lock' }] });
        await host.carryOut(plan.commands);
        expect(await manager.locks()).toEqual(plan.add);
        expect(await Promise.all(family(EVR.old).map((each) => manager.wouldMove(each)))).toEqual([null, null, null]);
        await host.run('/usr/bin/dnf5', ['--assumeyes', 'upgrade']);
        expect(await host.installed(...FAMILY, 'kmod')).toEqual([
          ...FAMILY.map((name) => `${name}-${EVR.old}`),
          `kmod-${KMOD.new}`,
        ]);
        expect(manager.planLock(await manager.locks(), family(EVR.old), true)).toEqual({
          remove: [],
          add: [],
          commands: [],
        });
      });
    });

    it('may be on a version that is not installed yet', async () => {
      await withDnf5(OLD, async (host) => {
        await host.lock(family(EVR.new));
        await host.carryOut(await host.manager.planInstall(family(EVR.new)));
        expect(await host.installed('kernel-core')).toEqual([`kernel-core-${EVR.old}`, `kernel-core-${EVR.new}`]);
      });
    });

    it('give way to another version in one step, and the others stay with their comments', async () => {
      await withDnf5(OLD, async (host) => {
        await write(
          host,
          `version = "1.0"\n${entry('bash', '<', '6').replace('\n', '\ncomment = "why \\"six\\""\n')}${entry('kernel-core', '=', `0:${EVR.new}`)}`,
        );
        const { manager } = host;
        const plan = manager.planLock(await manager.locks(['kernel-core']), [packageOf('kernel-core', EVR.old)], true);
        expect(plan).toMatchObject({ remove: [{ version: EVR.new }], add: [{ version: EVR.old }] });
        expect(plan.commands).toHaveLength(1);
        await host.carryOut(plan.commands);
        expect(await manager.locks(['kernel-core'])).toEqual(plan.add);
        expect(await host.run('/usr/bin/dnf5', ['versionlock', 'list'])).toContain(
          '# why "six"\nPackage name: bash\nevr < 6\n',
        );
      });
    });

    it('are written by us as dnf writes them', async () => {
      await withDnf5(OLD, async (host) => {
        await host.lock([kmod]);
        await host.lock([packageOf('kmod', KMOD.new)]);
        const ours = await read(host);
        await host.run('/usr/bin/dnf5', ['versionlock', 'add', `kernel-core-${EVR.old}`]);
        await host.run('/usr/bin/dnf5', ['versionlock', 'delete', 'kernel-core']);
        expect(await read(host)).toBe(ours);
      });
    });

    it('hold nothing beside an exclusion of another version, which an exclusive lock takes away', async () => {
      await withDnf5(OLD, async (host) => {
        const { manager } = host;
        await write(host, `version = "1.0"\n${entry('kmod', '!=', '25-99.el8')}`);
        await host.lock([kmod], false);
        expect(await manager.wouldMove(kmod)).toBe(KMOD.new);
        await host.lock([kmod], true);
        expect(await manager.wouldMove(kmod)).toBeNull();
      });
    });

    it('are removed as asked and no others, though `versionlock delete` takes a name and all that it has', async () => {
      await withDnf5(OLD, async (host) => {
        const { manager } = host;
        await host.lock([...family(EVR.old), kmod]);
        await host.lock([packageOf('kernel-core', EVR.new)], false);
        const [core] = (await manager.locks(['kernel-core'])).filter(({ version }) => version === EVR.old);
        const one = manager.planUnlock(core === undefined ? [] : [core]);
        expect(one.commands[0]?.command[0]).toBe('/bin/sh');
        await host.carryOut(one.commands);
        expect((await manager.locks()).map(({ line }) => line)).toEqual([
          `kernel evr = ${EVR.old}`,
          `kernel-modules evr = ${EVR.old}`,
          `kmod evr = ${KMOD.old}`,
          `kernel-core evr = ${EVR.new}`,
        ]);
        const whole = manager.planUnlock(await manager.locks(['kernel-core', 'kmod']));
        expect(whole.commands[0]?.command.slice(-2)).toEqual(['kmod', 'kernel-core']);
        await host.carryOut(whole.commands);
        expect((await manager.locks()).map(({ name }) => name)).toEqual(['kernel', 'kernel-modules']);
      });
    });

    it('are read back: `versionlock` says 0 where it did nothing', async () => {
      await withDnf5(OLD, async (host) => {
        await host.lock([kmod]);
        const before = await read(host);
        const nevra = `kmod-${KMOD.old}.x86_64`;
        const deletion = await host.tryRun('/usr/bin/dnf5', ['versionlock', 'delete', nevra]);
        expect({ status: deletion.status, file: await read(host) }).toEqual({ status: 0, file: before });
        const nowhere = packageOf('kmod', '25-20.el8');
        await expect(host.lock([nowhere], false)).rejects.toMatchObject({ code: 'not_effective' });
      });
    });

    it('do not keep the limit on kernels from removing one', async () => {
      await withDnf5([...OLD, `kernel-core-${EVR.new}`, `kernel-modules-${EVR.new}`], async (host) => {
        await host.lock([...family(EVR.old), ...family(EVR.new)]);
        expect(await host.manager.wouldMove(packageOf('kernel-core', EVR.old))).toBeNull();
        await host.lock([kmod]); // any run that changes something forgets what was resolved
        await host.sh('sed -i s/^installonly_limit=.*/installonly_limit=1/ /etc/dnf/dnf.conf');
        await host.lock([packageOf('kmod', KMOD.new)], false);
        expect(await host.manager.wouldMove(packageOf('kernel-core', EVR.old))).toBe('none: it would be removed');
      });
    });

    it('that others change between plan and run are not overwritten', async () => {
      await withDnf5(OLD, async (host) => {
        const { manager } = host;
        await host.lock([kmod]);
        const plan = manager.planLock(await manager.locks(['kmod']), [packageOf('kmod', KMOD.new)], true);
        await host.run('/usr/bin/dnf5', ['versionlock', 'add', 'kernel-core']);
        await expect(host.carryOut(plan.commands)).rejects.toMatchObject({ code: 'busy' });
        expect(await manager.locks(['kernel-core'])).toHaveLength(1);
      });
    });

    it('are none in a file that does not say its version, and an error in one that is no TOML', async () => {
      await withDnf5(OLD, async (host) => {
        await write(host, entry('kmod', '=', KMOD.old));
        expect(await host.manager.locks()).toEqual([]);
        await write(host, `version = "1.0"\n[[packages`);
        await expect(host.manager.locks()).rejects.toMatchObject({ code: 'command_failed' });
      });
    });
  });

  it('has a drifted kernel locked back by bellwether, made what boots next, and an upgrade leaves the family alone', async () => {
    await withDnf5([`kernel-${EVR.new}`, `kmod-${KMOD.old}`], async (host) => {
      await host.sh(BOOTS_BY_GRUB, { env: { IMAGES: `${elImage(K.old)} ${elImage(K.new)}`, DEFAULT: entryOf(K.new) } });
      const call = (op: string, params: object, dryRun?: boolean) =>
        host.call({ protocol: 1, op, params, ...(dryRun === undefined ? {} : { dry_run: dryRun }) });
      const drifts = async () => {
        const { findings } = expectKind('check', (await call('check', {})).answer);
        return findings.some(({ code }) => code === 'kernel_drift');
      };
      const lock = async (dryRun: boolean) => {
        const params = { version: EVR.old, install: true, make_default: true };
        return expectKind('lock', (await call('lock', params, dryRun)).answer);
      };
      await host.lock(family(EVR.old));
      expect(await drifts()).toBe(true);
      const planned = await lock(true);
      const done = await lock(false);
      expect(done.changes).toEqual(planned.changes);
      expect(done.changes).toContainEqual({ what: 'what boots next', before: K.new, after: K.old });
      expect(done.locks.map(({ name, version }) => [name, version])).toEqual(FAMILY.map((name) => [name, EVR.old]));
      expect(done.kernels).toMatchObject([{ kernel: K.old, default: true }]);
      expect(await host.run('/bin/cat', ['/boot/grub2/grubenv'])).toContain(`\nsaved_entry=${entryOf(K.old)}\n`);
      expect(await drifts()).toBe(false);
      expect(await lock(false)).toMatchObject({ changed: false, changes: [], steps: [] });
      await host.run('/usr/bin/dnf5', ['--assumeyes', 'upgrade']);
      expect(await host.installed('kernel-core', 'kmod')).toEqual([
        `kernel-core-${EVR.old}`,
        `kernel-core-${EVR.new}`,
        `kmod-${KMOD.new}`,
      ]);
    });
  });

  describe('trouble', () => {
    it('with another run at work is told with its pid, at once', async () => {
      await withDnf5(OLD, async (host) => {
        const { manager } = host;
        const reinstall = await manager.planReinstall([kmod], false);
        await host.whileHeld('/var/lib/dnf/system-repo.lock', async (pid) => {
          const busy = { code: 'busy', at: { pid } };
          await expect(host.lock([kmod])).rejects.toMatchObject(busy);
          await expect(host.carryOut(reinstall)).rejects.toMatchObject(busy);
        });
        // An rpm without dnf: of that dnf says no word.
        await host.whileHeld('/var/lib/rpm/.rpm.lock', async (pid) => {
          await expect(host.carryOut(reinstall)).rejects.toMatchObject({ code: 'busy', at: { pid } });
        });
        await host.lock([kmod]);
        await host.carryOut(reinstall);
      });
    });

    it('with the repository is told, whether dnf goes on without it or not', async () => {
      await withDnf5(OLD, async (host) => {
        const reinstall = await host.manager.planReinstall([kmod], false);
        await host.sh(`mv ${REPOSITORY} /srv/gone; dnf5 --quiet clean all`);
        await expect(host.manager.planReinstall([kmod], false)).rejects.toMatchObject({
          code: 'repository_unreachable',
        });
        await expect(host.manager.available('kmod')).rejects.toMatchObject({ code: 'repository_unreachable' });
        await expect(host.carryOut(reinstall)).rejects.toMatchObject({ code: 'repository_unreachable' });
        await host.sh('echo skip_if_unavailable=0 >> /etc/yum.repos.d/lab.repo');
        await expect(host.manager.available('kmod')).rejects.toMatchObject({ code: 'repository_unreachable' });
        await expect(host.carryOut(reinstall)).rejects.toMatchObject({ code: 'repository_unreachable' });
        expect(await host.installed('kmod')).toEqual([`kmod-${KMOD.old}`]);
      });
    });
  });
});

function plain({ name, version, arch }: { name: string; version: string; arch: string }) {
  return { name, version, arch };
}
