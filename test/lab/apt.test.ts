import { expect, jest, test } from '@jest/globals';
import { openApt } from '../../src/packages/apt/apt.ts';
import type { PackageManager, PlannedCommand } from '../../src/packages/types.ts';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { K, VERSION, withAptHost } from '../support/apt-host.ts';
import { runnerOn } from '../support/host-runner.ts';
import type { Host } from '../support/host.ts';
import { describeUnless } from '../support/where.ts';

jest.setTimeout(300_000);

const image = (which: 'old' | 'new') => ({
  name: `linux-image-${K[which]}`,
  version: VERSION[which],
  arch: 'amd64',
  kernel: K[which],
});
const meta = (which: 'old' | 'new') => ({
  name: 'linux-image-amd64',
  version: VERSION[which],
  arch: 'amd64',
  kernel: null,
});
const toy = (version: string) => ({ name: 'toy', version, arch: 'amd64' });

function withApt(installed: readonly string[], tests: (host: Host, apt: PackageManager) => Promise<void>) {
  return withAptHost(installed, (host) =>
    tests(host, openApt({ ...runnerOn(host), root: host.path('').replace(/\/$/, '') })),
  );
}

async function executeAll(apt: PackageManager, commands: readonly PlannedCommand[]): Promise<void> {
  for (const command of commands) await apt.execute(command, {});
}

const held = async (host: Host): Promise<string[]> => (await host.sh('apt-mark showhold')).trim().split('\n').sort();

describeUnless(whyNoOverlay(), 'apt', () => {
  test('tells what is installed, what makes up kernels, and what the repositories offer', async () => {
    await withApt(['toy=1.0-2', 'linux-image-amd64'], async (_host, apt) => {
      expect(await apt.installed(['toy', 'no-such-package'])).toEqual([{ ...toy('1.0-2'), kernel: null }]);
      expect(await apt.kernelPackages()).toEqual([
        { ...image('new'), boots: true },
        { ...meta('new'), boots: true },
      ]);
      expect((await apt.available('toy')).map(({ version }) => version)).toEqual(['1.0-1', '1.0-2', '2.0-1']);
      expect(await apt.available('no-such-package')).toEqual([]);
    });
  });

  test('a damaged package is reinstalled in its version, and edited configuration stays', async () => {
    await withApt(['toy=1.0-2'], async (host, apt) => {
      expect(await apt.verify(['toy', 'no-such-package'])).toEqual([{ ...toy('1.0-2'), files: [], damaged: false }]);
      await host.sh('echo broken > /usr/share/lab/toy; echo edited > /etc/toy.conf');
      expect(await apt.verify(['toy'])).toEqual([
        {
          ...toy('1.0-2'),
          damaged: true,
          files: [
            { path: '/etc/toy.conf', differs: ['digest'], harmless: true },
            { path: '/usr/share/lab/toy', differs: ['digest'], harmless: false },
          ],
        },
      ]);
      await executeAll(apt, await apt.planReinstall([toy('1.0-2')], true));
      expect(await apt.verify(['toy'])).toMatchObject([{ version: '1.0-2', damaged: false }]);
      expect(await host.sh('cat /etc/toy.conf')).toBe('edited\n');
    });
  });

  test('a hold outlives a reinstall, which by itself takes it away', async () => {
    await withApt(['toy=1.0-2'], async (host, apt) => {
      await host.sh('apt-mark hold toy; apt-get -qq -y install --reinstall toy=1.0-2 2>&1');
      expect(await held(host)).toEqual(['']);
      await host.sh('apt-mark hold toy');
      await executeAll(apt, await apt.planReinstall([toy('1.0-2')], false));
      expect(await held(host)).toEqual(['toy']);
    });
  });

  test('a version that no repository has any more is refused while planning, with those that are nearest', async () => {
    await withApt(['toy=1.0-2'], async (host, apt) => {
      await host.sh('rm /srv/repo/toy_1.0-2_amd64.deb; index');
      await expect(apt.planReinstall([toy('1.0-2')], true)).rejects.toMatchObject({
        code: 'version_absent',
        at: { package: 'toy', version: '1.0-2', nearest: ['1.0-1', '2.0-1'] },
      });
      // apt itself ends well, and has done nothing.
      const bare: PlannedCommand = {
        action: 'reinstall',
        what: 'toy',
        command: ['apt-get', '--yes', '--reinstall', 'install', '--', 'toy=1.0-2'],
      };
      await expect(apt.execute(bare, {})).rejects.toMatchObject({ code: 'version_absent' });
    });
  });

  test('a lock is held, read back, and keeps every update away; unlocked, the update comes', async () => {
    const installed = [`linux-image-${K.old}`, `linux-image-amd64=${VERSION.old}`];
    await withApt(installed, async (host, apt) => {
      expect(await apt.wouldMove(meta('old'))).toBe(VERSION.new);
      const wanted = [image('old'), meta('old')];
      const plan = apt.planLock(await apt.locks(), wanted, true);
      expect(plan.remove).toEqual([]);
      await executeAll(apt, plan.commands);
      expect(await apt.locks(wanted.map(({ name }) => name))).toEqual(expect.arrayContaining([...plan.add]));
      expect(await held(host)).toEqual([`linux-image-${K.old}`, 'linux-image-amd64']);
      for (const each of wanted) expect(await apt.wouldMove(each)).toBeNull();
      await host.sh('apt-get -qq -y dist-upgrade 2>&1');
      expect(await apt.installed(['linux-image-amd64'])).toEqual([meta('old')]);
      expect(apt.planLock(await apt.locks(), wanted, true)).toEqual({ remove: [], add: [], commands: [] });
      await host.sh('apt-mark hold other || true');
      await executeAll(apt, apt.planUnlock(await apt.locks(wanted.map(({ name }) => name))).commands);
      expect(await apt.locks(wanted.map(({ name }) => name))).toEqual([]);
      expect(await apt.wouldMove(meta('old'))).toBe(VERSION.new);
    });
  });

  test('a held package is moved to the version that is asked for, and held there; other holds stay', async () => {
    await withApt(['toy=1.0-1', 'other'], async (host, apt) => {
      await host.sh('apt-mark hold toy other');
      await executeAll(apt, await apt.planInstall([toy('1.0-2')]));
      expect(await apt.installed(['toy'])).toEqual([{ ...toy('1.0-2'), kernel: null }]);
      expect(await held(host)).toEqual(['other', 'toy']);
    });
  });

  test('pins are told by the packages that they take in, and a hold stands above them', async () => {
    await withApt(['toy=1.0-2'], async (host, apt) => {
      const block = 'Package: to?\nPin: version 1.0-1\nPin-Priority: 1001';
      await host.sh(`printf '%s\n' '${block}' > /etc/apt/preferences.d/site`);
      expect(await apt.locks(['toy', 'other'])).toEqual([
        { name: 'toy', version: '1.0-1', line: block, source: '/etc/apt/preferences.d/site', excludes: false },
      ]);
      await executeAll(apt, apt.planLock([], [{ ...toy('1.0-2'), kernel: null }], true).commands);
      expect(await apt.wouldMove(toy('1.0-2'))).toBeNull();
      expect(apt.planUnlock(await apt.locks(['toy'])).remove.map(({ source }) => source)).toEqual(['dpkg']);
    });
  });

  test('while another holds dpkg, it is busy, with the pid of who does', async () => {
    await withApt(['toy=1.0-2'], async (host, apt) => {
      const plan = await apt.planReinstall([toy('1.0-2')], false);
      // A lock as dpkg takes it, for as long as the file is there.
      const holder = host.sh(
        `python3 -c 'import fcntl, os, time
lock = open("/var/lib/dpkg/lock-frontend", "w"); fcntl.lockf(lock, fcntl.LOCK_EX)
open("/tmp/held", "w").close()
while os.path.exists("/tmp/held"): time.sleep(0.05)'`,
      );
      await host.sh('for _ in {1..200}; do [ -e /tmp/held ] && exit; sleep 0.05; done; exit 1');
      const refused = { code: 'busy', at: { pid: expect.any(Number) } };
      await expect(executeAll(apt, plan)).rejects.toMatchObject(refused);
      const hold = apt.planLock([], [{ ...toy('1.0-2'), kernel: null }], true);
      await expect(executeAll(apt, hold.commands)).rejects.toMatchObject(refused);
      await host.sh('rm /tmp/held');
      await holder;
      expect(await apt.locks()).toEqual([]);
    });
  });

  test('a repository that does not answer is told as such, and nothing is changed', async () => {
    await withApt(['toy=1.0-2'], async (host, apt) => {
      await host.sh('echo broken > /usr/share/lab/toy; rm /srv/repo/toy_1.0-2_amd64.deb');
      const plan = await apt.planReinstall([toy('1.0-2')], true);
      await expect(executeAll(apt, plan)).rejects.toMatchObject({ code: 'repository_unreachable' });
      expect(await apt.verify(['toy'])).toMatchObject([{ version: '1.0-2', damaged: true }]);
    });
  });

  test('nothing goes for the sake of what comes', async () => {
    await withApt(['other'], async (host, apt) => {
      await host.sh(
        `cd /srv/repo && mkdir -p /tmp/x/DEBIAN && printf '%s\n' 'Package: rival' 'Version: 1' 'Architecture: amd64' 'Maintainer: lab <lab@localhost>' 'Description: lab' 'Conflicts: other' > /tmp/x/DEBIAN/control && dpkg-deb --build -Znone /tmp/x rival_1_amd64.deb && index`,
      );
      const plan = await apt.planInstall([{ name: 'rival', version: '1', arch: 'amd64' }]);
      await expect(executeAll(apt, plan)).rejects.toMatchObject({ code: 'command_failed' });
      expect(await apt.installed(['other', 'rival'])).toMatchObject([{ name: 'other' }]);
    });
  });
});
