import { expect, jest, test } from '@jest/globals';
import { openPackageManager } from '../../src/packages/index.ts';
import type { PackageManager, PlannedCommand } from '../../src/packages/types.ts';
import { whyNot } from '../setup/cache.mjs';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { EVR, K, KMOD } from '../setup/rpms.mjs';
import { FAMILY, REPOSITORY, withElSheep, type ElSheep, type ElSheepOptions } from '../support/el-sheep.ts';
import { describeUnless } from '../support/where.ts';

jest.setTimeout(600_000);

const LOCK_LIST = '/etc/dnf/plugins/versionlock.list';
const OWN_CACHE = '--setopt=cachedir=/var/cache/bellwether';
const ARCH = K.old.slice(EVR.old.length + 1);
const kmod = (which: 'old' | 'new') => ({ name: 'kmod', version: KMOD[which], arch: ARCH });
const family = (which: 'old' | 'new') =>
  FAMILY.map((name) => ({ name, version: EVR[which], arch: ARCH, kernel: K[which] }));

function withDnf(tests: (sheep: ElSheep, dnf: PackageManager) => Promise<void>, options: ElSheepOptions = {}) {
  return withElSheep(
    async (sheep) => {
      await tests(sheep, await openPackageManager('dnf', sheep.runner));
    },
    { images: false, ...options },
  );
}

async function executeAll(manager: PackageManager, commands: readonly PlannedCommand[]): Promise<void> {
  for (const command of commands) await manager.execute(command, {});
}

async function lockAll(dnf: PackageManager, which: 'old' | 'new', exclusive = true) {
  const plan = dnf.planLock(await dnf.locks(), family(which), exclusive);
  await executeAll(dnf, plan.commands);
  return plan;
}

describeUnless(whyNot('rpms') ?? whyNoOverlay(), 'dnf 4', () => {
  test('tells what is installed, which of it makes up which kernel, and what the repositories offer', async () => {
    await withDnf(
      async (_sheep, dnf) => {
        expect(await dnf.installed(['kmod', 'kernel-core', 'no-such-package'])).toEqual([
          { name: 'kernel-core', version: EVR.old, arch: ARCH, kernel: K.old },
          { name: 'kernel-core', version: EVR.new, arch: ARCH, kernel: K.new },
          { ...kmod('new'), kernel: null },
        ]);
        const kernels = await dnf.kernelPackages();
        expect(kernels.map(({ name, version, kernel }) => `${name} ${version} ${kernel ?? '-'}`)).toEqual([
          ...FAMILY.filter((name) => name !== 'kernel-headers').map((name) => `${name} ${EVR.old} ${K.old}`),
          ...FAMILY.map((name) => `${name} ${EVR.new} ${name === 'kernel-headers' ? '-' : K.new}`),
        ]);
        expect(await dnf.available('kmod')).toEqual([kmod('old'), kmod('new')]);
        expect(await dnf.available('no-such-package')).toEqual([]);
      },
      { kernels: ['old', 'new'] },
    );
  });

  test('verification: what a host does to configuration and documentation is no damage, nor is a new date', async () => {
    await withDnf(async (sheep, dnf) => {
      expect(await dnf.verify(['kmod', 'no-such-package'])).toEqual([{ ...kmod('new'), files: [], damaged: false }]);
      await sheep.sh(
        'echo "# mine" >> /etc/depmod.d/dist.conf; rm /usr/share/doc/kmod/NEWS; echo x > /usr/share/licenses/kmod/COPYING; echo x > /var/cache/kmod.cache; touch /usr/bin/kmod',
      );
      const [sound] = await dnf.verify(['kmod']);
      expect(sound).toMatchObject({ damaged: false });
      expect(sound?.files.map(({ path, differs }) => [path, ...differs])).toEqual(
        expect.arrayContaining([
          ['/etc/depmod.d/dist.conf', 'size', 'digest', 'mtime'],
          ['/usr/bin/kmod', 'mtime'],
          ['/usr/share/doc/kmod/NEWS', 'missing'],
        ]),
      );
      await sheep.sh('echo x >> /usr/bin/kmod; ln -sf /bin/true /usr/sbin/depmod');
      const [damaged] = await dnf.verify(['kmod']);
      expect(damaged?.damaged).toBe(true);
      expect(damaged?.files.filter(({ harmless }) => !harmless)).toEqual([
        { path: '/usr/bin/kmod', differs: ['size', 'digest', 'mtime'], harmless: false },
        { path: '/usr/sbin/depmod', differs: ['link'], harmless: false },
      ]);
    });
  });

  test('reinstalling brings back just what is installed, though something newer is there', async () => {
    await withDnf(
      async (sheep, dnf) => {
        await sheep.sh('echo x >> /usr/bin/kmod');
        const commands = await dnf.planReinstall([kmod('old')], true);
        expect(commands.map(({ action, command }) => [action, ...command].join(' '))).toEqual([
          `download dnf --assumeyes --setopt=exit_on_lock=1 ${OWN_CACHE} --downloadonly reinstall -- kmod-${KMOD.old}.${ARCH}`,
          `reinstall dnf --assumeyes --setopt=exit_on_lock=1 ${OWN_CACHE} --cacheonly reinstall -- kmod-${KMOD.old}.${ARCH}`,
          'clean_cache dnf --assumeyes --setopt=exit_on_lock=1 clean all',
        ]);
        const lines: string[] = [];
        for (const command of commands) await dnf.execute(command, { onLine: (line) => lines.push(line) });
        expect(lines.join('\n')).toContain('Reinstalled:');
        expect(await sheep.installed('kmod')).toEqual([`kmod-${KMOD.old}.${ARCH}`]);
        expect(await dnf.verify(['kmod'])).toMatchObject([{ damaged: false }]);
      },
      { kmod: 'old' },
    );
  });

  test('a version that the repositories no longer have is refused before anything is done, and the nearest are named', async () => {
    await withDnf(
      async (sheep, dnf) => {
        await sheep.dnf('makecache');
        await sheep.offer(/^(?!kmod-25-18|kernel-core-4.18.0-348)/);
        await expect(dnf.planReinstall([kmod('old')], true)).rejects.toMatchObject({
          code: 'version_absent',
          message: expect.stringContaining(KMOD.new),
          at: { package: 'kmod', version: KMOD.old, nearest: [KMOD.new] },
        });
        await expect(dnf.planInstall(family('old'))).rejects.toMatchObject({
          code: 'version_absent',
          at: { package: 'kernel-core', nearest: [EVR.new] },
        });
      },
      { kmod: 'old' },
    );
  });

  test('installing an older kernel: it stands beside the newer one, headers go back, and none is removed for it', async () => {
    await withDnf(async (sheep, dnf) => {
      await sheep.sh(
        'sed -i s/installonly_limit=3/installonly_limit=2/ /etc/dnf/dnf.conf; echo kmod-0:25-19.el8.* > /etc/dnf/plugins/versionlock.list',
      );
      await lockAll(dnf, 'new');
      const commands = await dnf.planInstall(family('old'));
      expect(commands[0]?.command).toContain('--exclude=kmod');
      await executeAll(dnf, commands);
      expect(await sheep.installed(...FAMILY)).toEqual(
        FAMILY.flatMap((name) =>
          name === 'kernel-headers'
            ? [`${name}-${EVR.old}.${ARCH}`]
            : [`${name}-${EVR.old}.${ARCH}`, `${name}-${EVR.new}.${ARCH}`],
        ).sort(),
      );
    });
  });

  test('a locked family stays: the plan is the lines that are there then, the resolver moves nothing, and twice changes nothing', async () => {
    await withDnf(
      async (sheep, dnf) => {
        expect(await dnf.wouldMove({ name: 'kernel-core', version: EVR.old, arch: ARCH })).toBe(EVR.new);
        expect(await dnf.wouldMove({ name: 'kernel-headers', version: EVR.old, arch: ARCH })).toBe(EVR.new);
        const plan = await lockAll(dnf, 'old');
        expect(plan.commands.map(({ command }) => command.slice(0, 7))).toEqual([
          ['dnf', '--assumeyes', '--disablerepo=*', 'versionlock', 'add', '--raw', '--'],
        ]);
        expect(plan.add.map(({ line }) => line)).toEqual(FAMILY.map((name) => `${name}-0:${EVR.old}.*`));
        expect(await dnf.locks()).toEqual(plan.add);
        expect(await sheep.lockFile()).toMatch(/^kernel-core-0:4\.18\.0-348\.el8\.\*$/m);
        for (const { name } of family('old')) {
          expect(await dnf.wouldMove({ name, version: EVR.old, arch: ARCH })).toBeNull();
        }
        await sheep.dnf('upgrade');
        expect(await sheep.installed('kernel', 'kernel-core', 'kernel-headers')).toEqual(
          ['kernel', 'kernel-core', 'kernel-headers'].map((name) => `${name}-${EVR.old}.${ARCH}`),
        );
        expect(await lockAll(dnf, 'old')).toEqual({ remove: [], add: [], commands: [] });
      },
      { kernels: ['old'] },
    );
  });

  test('with the metapackage alone locked kernel-core would still move', async () => {
    await withDnf(
      async (_sheep, dnf) => {
        const [kernel] = family('old');
        await executeAll(dnf, dnf.planLock(await dnf.locks(), kernel === undefined ? [] : [kernel], true).commands);
        expect(await dnf.wouldMove({ name: 'kernel', version: EVR.old, arch: ARCH })).toBeNull();
        expect(await dnf.wouldMove({ name: 'kernel-core', version: EVR.old, arch: ARCH })).toBe(EVR.new);
      },
      { kernels: ['old'] },
    );
  });

  test('locks to another version go in the same step, what is not asked for stays, comments too', async () => {
    await withDnf(async (sheep, dnf) => {
      await sheep.write(LOCK_LIST, '# ours: do not touch\nbash-0:4.4-1.el8.*\n');
      await lockAll(dnf, 'new');
      const plan = await lockAll(dnf, 'old');
      expect(plan.remove.map(({ line }) => line)).toEqual(FAMILY.map((name) => `${name}-0:${EVR.new}.*`));
      expect(plan.commands).toHaveLength(1);
      const locked = FAMILY.map((name) => `${name}-0:${EVR.old}.*\n`).join('');
      const ours = '# ours: do not touch\nbash-0:4.4-1.el8.*\n';
      expect(await sheep.lockFile()).toBe(`${ours}\n# Added locks by bellwether\n${locked}`);
      const standing = await dnf.locks(FAMILY);
      await executeAll(dnf, dnf.planUnlock(standing).commands);
      expect(await sheep.lockFile()).toBe(ours);
      expect(await dnf.wouldMove({ name: 'kernel-core', version: EVR.new, arch: ARCH })).toBeNull();
    });
  });

  test('dnf locks by a glob stop at the first lock that stands; ours do not', async () => {
    await withDnf(
      async (sheep, dnf) => {
        await sheep.write(LOCK_LIST, `kernel-0:${EVR.old}.*\n`);
        await sheep.dnf('versionlock', 'add', 'kernel*');
        expect((await dnf.locks()).map(({ name }) => name)).toEqual(['kernel']);
        await lockAll(dnf, 'old');
        expect((await dnf.locks()).map(({ name }) => name).sort()).toEqual([...FAMILY]);
      },
      { kernels: ['old'] },
    );
  });

  test('a lock on a longer release does not pass for the one that is asked for', async () => {
    await withDnf(
      async (sheep, dnf) => {
        const longer = `kernel-core-0:${EVR.old}.1.*`;
        await sheep.write(LOCK_LIST, `${longer}\n`);
        expect(await sheep.dnf('versionlock', 'add', '--raw', `kernel-core-0:${EVR.old}.*`)).toContain(
          'already locked',
        );
        const core = family('old').filter(({ name }) => name === 'kernel-core');
        await executeAll(dnf, dnf.planLock(await dnf.locks(), core, false).commands);
        expect((await dnf.locks()).map(({ line }) => line)).toEqual([longer, `kernel-core-0:${EVR.old}.*`]);
        const [, exact] = await dnf.locks();
        await executeAll(dnf, dnf.planUnlock(exact === undefined ? [] : [exact]).commands);
        expect((await dnf.locks()).map(({ line }) => line)).toEqual([longer]);
      },
      { kernels: ['old'] },
    );
  });

  test('a kernel that is locked is removed by installonly_limit all the same, and the resolver says so before', async () => {
    await withDnf(
      async (sheep, dnf) => {
        // A third kernel: the new one's core once more, under a later release.
        await sheep.sh(`
          sed -i s/installonly_limit=3/installonly_limit=2/ /etc/dnf/dnf.conf
          printf '%s\\n' 'Name: kernel-core' 'Version: 4.18.0' 'Release: 400.el8' 'Summary: x' 'License: x' 'AutoReqProv: no' \\
            'Provides: installonlypkg(kernel)' '%description' 'x' '%files' > /tmp/k.spec
          rpmbuild -bb --quiet --define '_rpmdir ${REPOSITORY}' --define '_topdir /tmp/b' /tmp/k.spec
          createrepo_c --quiet ${REPOSITORY}`);
        const later = '4.18.0-400.el8';
        const cores = [EVR.old, later].map((version) => ({ name: 'kernel-core', version, arch: ARCH, kernel: null }));
        await executeAll(dnf, dnf.planLock(await dnf.locks(), cores, false).commands);
        expect(await dnf.wouldMove({ name: 'kernel-core', version: EVR.old, arch: ARCH })).toBe(later);
        await sheep.dnf('upgrade', 'kernel-core');
        expect(await sheep.installed('kernel-core')).toEqual(
          [EVR.new, later].map((evr) => `kernel-core-${evr}.${ARCH}`),
        );
      },
      { kernels: ['old', 'new'] },
    );
  });

  test('without the plugin, with the plugin or all plugins off, and without its list, locks are refused with what to do', async () => {
    await withDnf(async (sheep, dnf) => {
      const conf = '/etc/dnf/plugins/versionlock.conf';
      await sheep.sh(`mv ${LOCK_LIST} /tmp/`);
      await expect(dnf.locks()).rejects.toMatchObject({ code: 'not_supported', at: { path: LOCK_LIST } });
      await sheep.sh(`mv /tmp/versionlock.list ${LOCK_LIST}; sed -i 's/^enabled.*/enabled = 0/' ${conf}`);
      await expect(dnf.locks()).rejects.toMatchObject({ code: 'not_supported', hint: `enabled=1 in ${conf}` });
      await sheep.sh(`sed -i 's/^enabled.*/enabled = 1/' ${conf}; echo plugins=0 >> /etc/dnf/dnf.conf`);
      await expect(dnf.locks()).rejects.toMatchObject({
        code: 'not_supported',
        hint: 'plugins=1 in /etc/dnf/dnf.conf',
      });
      await sheep.sh(
        'sed -i /plugins=0/d /etc/dnf/dnf.conf; rm /usr/lib/python3/dist-packages/dnf-plugins/versionlock.py',
      );
      await expect(dnf.locks()).rejects.toMatchObject({
        code: 'program_absent',
        hint: 'dnf install python3-dnf-plugin-versionlock',
      });
    });
  });

  test('another run of dnf, and another transaction of rpm, are told with their pid', async () => {
    await withDnf(async (sheep, dnf) => {
      const commands = await dnf.planReinstall([kmod('new')], false);
      const pid = Number(
        await sheep.sh('mkdir -p /var/lib/dnf; sleep 60 > /dev/null 2>&1 & echo $! | tee /var/lib/dnf/rpmdb_lock.pid'),
      );
      await expect(executeAll(dnf, commands)).rejects.toMatchObject({ code: 'busy', at: { pid } });
      await sheep.sh(`mv /var/lib/dnf/rpmdb_lock.pid /var/cache/dnf/metadata_lock.pid`);
      await expect(dnf.available('kmod')).rejects.toMatchObject({ code: 'busy', at: { pid } });
      await sheep.sh(`rm /var/cache/dnf/metadata_lock.pid`);
      const holder = `import fcntl,time,os; f=open("/var/lib/rpm/.rpm.lock","w"); fcntl.lockf(f,fcntl.LOCK_EX); print(os.getpid(), flush=True); time.sleep(60)`;
      const other = Number(
        await sheep.sh(`exec 3< <(exec python3 -c '${holder}' 2> /dev/null); read -r pid <&3; echo $pid`),
      );
      await expect(executeAll(dnf, commands)).rejects.toMatchObject({ code: 'busy', at: { pid: other } });
    });
  });

  test('a repository that is gone is told as that, and locks need none', async () => {
    await withDnf(async (sheep, dnf) => {
      await sheep.sh(`mv ${REPOSITORY} ${REPOSITORY}.gone`);
      await expect(dnf.available('kmod')).rejects.toMatchObject({ code: 'repository_unreachable' });
      await expect(dnf.planReinstall([kmod('new')], true)).rejects.toMatchObject({ code: 'repository_unreachable' });
      await lockAll(dnf, 'new');
      expect(await dnf.locks()).toHaveLength(FAMILY.length);
      await sheep.sh('echo skip_if_unavailable=1 >> /etc/yum.repos.d/sheep.repo');
      await expect(dnf.planReinstall([kmod('new')], true)).rejects.toMatchObject({
        code: 'repository_unreachable',
        at: { repositories: ['sheep'] },
      });
    });
  });
});
