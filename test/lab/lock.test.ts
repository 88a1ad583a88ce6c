import { expect, jest, test } from '@jest/globals';
import { whyNot } from '../setup/cache.mjs';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { elImage, EVR, K } from '../setup/rpms.mjs';
import { entryOf, FAMILY, withElSheep, type ElSheep } from '../support/el-sheep.ts';
import { ask, askThrice, refused, UNJUDGED } from '../support/mending.ts';
import { describeUnless } from '../support/where.ts';

jest.setTimeout(600_000);

const LOCKS = '/etc/dnf/plugins/versionlock.list';
const lockOn = (name: string, evr: string): string => `${name}-0:${evr}.*`;
const wholeFamily = (evr: string): string[] => FAMILY.map((name) => lockOn(name, evr));

function state(sheep: ElSheep): Promise<string> {
  return sheep.sh(`cat ${LOCKS} /boot/grub2/grubenv; rpm -qa --last; ls -A /run /boot`);
}

/** The lines of the lock file that lock something. */
async function locked(sheep: ElSheep): Promise<string[]> {
  return (await sheep.lockFile()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

/** As a rescue system mounts a host: its own proc and sys are not there. */
async function mountRoot(sheep: ElSheep, at: string): Promise<void> {
  await sheep.sh(
    'mkdir -p "$AT" && mount --bind / "$AT" && for dir in proc sys; do mount -t tmpfs none "$AT/$dir"; done',
    { env: { AT: at } },
  );
}

describeUnless(whyNot('rpms') ?? whyNoOverlay(), 'locking on an EL-like host', () => {
  test('keeps the whole family where it is: the changes are the lines, and an upgrade leaves it alone', async () => {
    await withElSheep(
      async (sheep) => {
        const done = await askThrice(sheep, 'lock', {}, () => state(sheep));
        expect(done.changes.map(({ before, after }) => [before, after])).toEqual(
          wholeFamily(EVR.old).map((line) => [null, line]),
        );
        expect(await locked(sheep)).toEqual(wholeFamily(EVR.old));
        expect(done.locks.map(({ line, source }) => `${source} ${line}`)).toEqual(
          wholeFamily(EVR.old).map((line) => `${LOCKS} ${line}`),
        );
        const before = await sheep.installed(...FAMILY);
        await sheep.dnf('upgrade');
        expect(await sheep.installed(...FAMILY)).toEqual(before);
      },
      { kernels: ['old'], images: false },
    );
  });

  test('says in a dry run which locks are missing, and nothing of it to who did not ask', async () => {
    await withElSheep(
      async (sheep) => {
        const codes = (answer: { findings: readonly { code: string }[] }) => answer.findings.map(({ code }) => code);
        expect(codes(await ask(sheep, 'lock', { dry_run: true }))).toContain('lock_missing');
        expect(codes(await ask(sheep, 'lock', {}))).not.toContain('lock_missing');
        expect(await ask(sheep, 'lock', { dry_run: true })).toMatchObject(UNJUDGED);
        expect(codes(await ask(sheep, 'lock', { dry_run: true, params: { state: 'unlocked' } }))).not.toContain(
          'lock_missing',
        );
      },
      { images: false },
    );
  });

  test('of the drifted kernel: the last good version is installed, locked, and what boots next', async () => {
    await withElSheep(async (sheep) => {
      await sheep.sh(`cp ${elImage(K.old)} /boot/`);
      const params = { version: EVR.old, install: true, make_default: true };
      const done = await askThrice(sheep, 'lock', params, () => state(sheep));
      expect(done.steps.map(({ action }) => action)).toEqual(['download', 'install', 'lock', 'make_default']);
      expect(done.changes).toContainEqual({
        what: `kernel-core ${EVR.old}.x86_64`,
        before: 'absent',
        after: 'installed',
      });
      expect(done.changes).toContainEqual({ what: 'kernel-headers', before: EVR.new, after: EVR.old });
      expect(done.changes).toContainEqual({ what: 'what boots next', before: K.new, after: K.old });
      expect(done.kernels).toMatchObject([{ kernel: K.old, default: true }]);
      expect(await sheep.read('/boot/grub2/grubenv')).toContain(`\nsaved_entry=${entryOf(K.old)}\n`);
      expect((await sheep.sh('stat -c "%s %a" /boot/grub2/grubenv')).trim()).toBe('1024 644');
      expect(await locked(sheep)).toEqual(wholeFamily(EVR.old));
      const before = await sheep.installed(...FAMILY);
      await sheep.dnf('upgrade');
      expect(await sheep.installed(...FAMILY)).toEqual(before);
    });
  });

  test('does not make a kernel the default that would not boot: what was done by then is told', async () => {
    await withElSheep(async (sheep) => {
      const params = { version: EVR.old, install: true, make_default: true };
      const { error, changes } = await refused(sheep, { op: 'lock', params });
      expect(error).toMatchObject({ code: 'image_refused', at: { kernel: K.old, findings: ['image_missing'] } });
      expect(changes.map(({ what }) => what)).toContain(`kernel-core ${EVR.old}.x86_64`);
      expect(changes.map(({ what }) => what)).not.toContain('what boots next');
      expect(await sheep.read('/boot/grub2/grubenv')).toContain(`\nsaved_entry=${entryOf(K.new)}\n`);
      await sheep.sh(`cp ${elImage(K.old)} /boot/`);
      expect(await ask(sheep, 'lock', { params })).toMatchObject({
        changes: [{ what: 'what boots next', before: K.new, after: K.old }],
      });
    });
  });

  test('takes the place of other locks on these packages, or, where that is asked, stands beside them', async () => {
    await withElSheep(
      async (sheep) => {
        await sheep.sh(`printf '%s\\n' '# ours' 'bash-0:5.1-2.el8.*' '${lockOn('kernel-core', EVR.old)}' > ${LOCKS}`);
        const params = { packages: ['kernel-core'], exclusive: false };
        await ask(sheep, 'lock', { params });
        expect(await locked(sheep)).toEqual([
          'bash-0:5.1-2.el8.*',
          lockOn('kernel-core', EVR.old),
          lockOn('kernel-core', EVR.new),
        ]);
        const done = await askThrice(sheep, 'lock', { packages: ['kernel-core'] }, () => state(sheep));
        expect(done.changes).toMatchObject([{ before: lockOn('kernel-core', EVR.old), after: null }]);
        expect(await locked(sheep)).toEqual(['bash-0:5.1-2.el8.*', lockOn('kernel-core', EVR.new)]);
        expect(await sheep.lockFile()).toMatch(/^# ours$/m);
      },
      { images: false },
    );
  });

  test('is undone for what was asked and nothing else', async () => {
    await withElSheep(
      async (sheep) => {
        const others = ['bash-0:5.1-2.el8.*', '!kernel-core-0:4.18.0-999.el8.*'];
        await sheep.sh(`printf '%s\\n' '# ours' '${others[0]!}' '${others[1]!}' > ${LOCKS}`);
        await ask(sheep, 'lock');
        await askThrice(sheep, 'lock', { state: 'unlocked', packages: ['kernel-headers'] }, () => state(sheep));
        expect(await locked(sheep)).toEqual([
          ...others,
          ...wholeFamily(EVR.new).filter((line) => !line.startsWith('kernel-headers')),
        ]);
        await ask(sheep, 'lock', { params: { state: 'unlocked', version: EVR.old } });
        expect(await locked(sheep)).toHaveLength(others.length + FAMILY.length - 1);
        await askThrice(sheep, 'lock', { state: 'unlocked' }, () => state(sheep));
        expect(await locked(sheep)).toEqual(others);
        expect(await sheep.lockFile()).toMatch(/^# ours$/m);
      },
      { images: false },
    );
  });

  test('is not believed: lines that the resolver does not heed lock nothing', async () => {
    await withElSheep(
      async (sheep) => {
        await ask(sheep, 'lock');
        await sheep.write(
          '/usr/local/sbin/dnf',
          '#!/bin/sh\ncase "$*" in *upgrade*) set -- --disableplugin=versionlock "$@";; esac\nexec /usr/bin/dnf "$@"\n',
        );
        await sheep.sh('chmod 755 /usr/local/sbin/dnf');
        const { changed, error } = await refused(sheep, { op: 'lock' });
        expect({ changed, code: error.code }).toEqual({ changed: false, code: 'not_effective' });
        expect(error.message).toContain(EVR.new);
        await sheep.sh('rm /usr/local/sbin/dnf');
        await sheep.sh("sed -i 's/^enabled *=.*/enabled = 0/' /etc/dnf/plugins/versionlock.conf");
        expect((await refused(sheep, { op: 'lock' })).error.code).toBe('not_supported');
      },
      { kernels: ['old'], images: false },
    );
  });

  test('to a version that is nowhere changes nothing, and names those that there are', async () => {
    await withElSheep(
      async (sheep) => {
        const before = await state(sheep);
        for (const install of [true, false]) {
          const { changed, error } = await refused(sheep, {
            op: 'lock',
            params: { version: '4.18.0-999.el8', install },
          });
          expect({ changed, error }).toMatchObject({
            changed: false,
            error: { code: 'version_absent', at: { installed: [EVR.new], available: [EVR.old, EVR.new] } },
          });
        }
        expect(await state(sheep)).toBe(before);
      },
      { images: false },
    );
  });

  test('is done by one at a time, and refused for a copy of a host', async () => {
    await withElSheep(
      async (sheep) => {
        const request = { protocol: 1, op: 'lock' };
        const both = await Promise.all([
          sheep.call(request),
          sheep.call({ ...request, params: { state: 'unlocked' } }),
        ]);
        expect(both.map(({ status }) => status).sort()).toEqual([0, 75]);
        expect(await refused(sheep, { op: 'lock', root: '/sheep' })).toMatchObject({
          error: { code: 'not_supported' },
        });
      },
      { images: false },
    );
  });

  test('works from a rescue system, on the root where it is mounted, and leaves no mount behind', async () => {
    await withElSheep(
      async (sheep) => {
        await mountRoot(sheep, '/mnt/sysimage');
        const mounts = await sheep.read('/proc/self/mountinfo');
        const { changes } = await ask(sheep, 'lock', { root: '/mnt/sysimage' });
        expect(changes.map(({ after }) => after)).toEqual(wholeFamily(EVR.new));
        expect(await locked(sheep)).toEqual(wholeFamily(EVR.new));
        await sheep.sh('echo more >> /usr/bin/kmod');
        expect(await ask(sheep, 'reinstall', { root: '/mnt/sysimage' })).toMatchObject({ changed: true });
        expect((await sheep.read('/proc/self/mountinfo')).split('\n')).toHaveLength(mounts.split('\n').length);
      },
      { images: false },
    );
  });

  test('hostile paths and names reach no shell', async () => {
    await withElSheep(
      async (sheep) => {
        for (const root of [
          '/srv/$(touch /srv/pwned)',
          '/srv/`touch /srv/pwned`',
          "/srv/'; touch /srv/pwned; '",
          '/--help',
        ])
          expect(await refused(sheep, { op: 'lock', root })).toMatchObject({ error: { code: 'root_absent' } });
        const odd = '/srv/$(touch pwned); "\'';
        await mountRoot(sheep, odd);
        expect(await ask(sheep, 'lock', { root: odd })).toMatchObject({ changed: true });
        expect(await sheep.sh('ls /srv')).not.toMatch(/^pwned$/m);
      },
      { images: false },
    );
  });
});
