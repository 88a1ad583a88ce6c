import { expect, jest, test } from '@jest/globals';
import { BUNDLE } from '../setup/build.mjs';
import { whyNot } from '../setup/cache.mjs';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { KMOD } from '../setup/rpms.mjs';
import { withElSheep, type ElSheep } from '../support/el-sheep.ts';
import { ask, askThrice, refused, UNJUDGED } from '../support/mending.ts';
import { describeUnless } from '../support/where.ts';

jest.setTimeout(600_000);

const DAMAGE = 'echo more >> /usr/bin/kmod; chmod 700 /usr/bin/kmod';
const LEAN = { images: false } as const;

/** What a program does in place of dnf, where nothing else is changed: `$REAL` is the true one. */
async function standInForDnf(sheep: ElSheep, script: string): Promise<void> {
  await sheep.write('/usr/local/sbin/dnf', `#!/bin/sh\nREAL=/usr/bin/dnf\n${script}\n`);
  await sheep.sh('chmod 755 /usr/local/sbin/dnf');
}

/** A transaction that is at work until `/run/on` is there, prints meanwhile, and leaves its exit status. */
const SLOW = `case "$*" in
*--cacheonly*)
  touch /run/begun
  until [ -e /run/on ]; do echo at work; sleep 0.1; done
  $REAL "$@"; status=$?; echo more; echo $status > /run/ended; exit $status;;
esac
exec $REAL "$@"`;

/** A reinstall in the background that has come to its transaction: `$run`; it will answer in `/run/answer`. */
function begin(timeout_s: number): string {
  const request = JSON.stringify({ protocol: 1, op: 'reinstall', timeout_s });
  return `rm -f /run/begun /run/on /run/ended
printf %s '${request}' | ${process.execPath} ${BUNDLE} call > /run/answer 2> /run/words & run=$!
for i in {1..600}; do [ -e /run/begun ] && break; sleep 0.1; done; sleep 1`;
}

function state(sheep: ElSheep): Promise<string> {
  return sheep.sh('sha256sum /usr/bin/kmod; stat -c %a /usr/bin/kmod; rpm -qa --last; ls -A /run');
}

describeUnless(whyNot('rpms') ?? whyNoOverlay(), 'reinstalling on an EL-like host', () => {
  test('mends a damaged kmod, tells the same before and after, and does nothing the second time', async () => {
    await withElSheep(async (sheep) => {
      const sound = await state(sheep);
      await sheep.sh(DAMAGE);
      const done = await askThrice(sheep, 'reinstall', {}, () => state(sheep));
      expect(done.changes).toEqual([
        {
          what: `kmod ${KMOD.new}.x86_64`,
          before: 'damaged: /usr/bin/kmod (size, mode, digest, mtime)',
          after: 'intact',
        },
      ]);
      expect(done.steps.map(({ action }) => action)).toEqual(['download', 'reinstall', 'clean_cache']);
      expect(done.packages).toMatchObject([{ name: 'kmod', damaged: true, reinstalled: true }]);
      expect((await state(sheep)).split('\n').slice(0, 2)).toEqual(sound.split('\n').slice(0, 2));
    }, LEAN);
  });

  test('leaves what is intact alone, unless it is always wanted; and says what is not installed', async () => {
    await withElSheep(async (sheep) => {
      const packages = ['kmod', 'kernel-core'];
      const nothing = await ask(sheep, 'reinstall', { params: { packages } });
      expect(nothing).toMatchObject({
        changed: false,
        summary: 'nothing to reinstall: kernel-core, kmod intact',
        ...UNJUDGED,
      });
      const always = await ask(sheep, 'reinstall', { params: { when: 'always', clean_cache: false } });
      expect(always).toMatchObject({ changed: true, changes: [{ before: 'intact', after: 'intact, reinstalled' }] });
      expect(always.steps).toMatchObject([
        { action: 'download' },
        { action: 'reinstall', because: '"params.when" is "always" (kmod: intact)' },
      ]);
      expect(await refused(sheep, { op: 'reinstall', params: { packages: ['dracut', 'kmod', 'udev'] } })).toMatchObject(
        {
          error: { code: 'package_absent', at: { packages: ['dracut', 'udev'] } },
        },
      );
    }, LEAN);
  });

  test('of a version that no repository has any more changes nothing, and names the nearest', async () => {
    await withElSheep(async (sheep) => {
      await sheep.sh(DAMAGE);
      await sheep.offer(/^(?!kmod-25-19)/);
      const before = await state(sheep);
      for (const dry_run of [true, false]) {
        const { changed, error } = await refused(sheep, { op: 'reinstall', dry_run });
        expect({ changed, error }).toMatchObject({ changed: false, error: { code: 'version_absent' } });
        expect(error.message).toContain(KMOD.old);
      }
      expect(await state(sheep)).toBe(before);
    }, LEAN);
  });

  test('from a repository that is gone changes nothing, and may be tried again', async () => {
    await withElSheep(async (sheep) => {
      await sheep.sh(`${DAMAGE}; mv /srv/repo /srv/elsewhere`);
      const before = await state(sheep);
      expect(await refused(sheep, { op: 'reinstall' })).toMatchObject({
        changed: false,
        error: { code: 'repository_unreachable', retry: true },
      });
      expect(await state(sheep)).toBe(before);
      await sheep.sh('mv /srv/elsewhere /srv/repo');
      expect(await ask(sheep, 'reinstall')).toMatchObject({ changed: true });
    }, LEAN);
  });

  test('is not believed: a package manager that ends well and did nothing', async () => {
    await withElSheep(async (sheep) => {
      await sheep.sh(DAMAGE);
      await standInForDnf(sheep, 'case "$*" in *reinstall*) exit 0;; esac; exec $REAL "$@"');
      const { changed, error } = await refused(sheep, { op: 'reinstall' });
      expect(error).toMatchObject({ code: 'not_effective', at: { files: ['/usr/bin/kmod'] } });
      expect(changed).toBe(false);
    }, LEAN);
  });

  test('whose time is up during the download ends all that it started, and the next run succeeds', async () => {
    await withElSheep(async (sheep) => {
      await sheep.sh(DAMAGE);
      await standInForDnf(sheep, 'case "$*" in *reinstall*) sleep 4321 & wait;; esac; exec $REAL "$@"');
      const { changed, error } = await refused(sheep, { op: 'reinstall', timeout_s: 20 });
      expect({ changed, error }).toMatchObject({ changed: false, error: { code: 'timed_out', retry: true } });
      // Dead ones that nobody waits for stay as zombies: the first process here is no init.
      expect(await sheep.sh('grep -la sleep.43[2]1 /proc/[0-9]*/cmdline || true')).toBe('');
      expect(await sheep.sh('ls -A /run')).not.toContain('bellwether');
      await sheep.sh('rm /usr/local/sbin/dnf');
      expect(await ask(sheep, 'reinstall')).toMatchObject({ changed: true });
    }, LEAN);
  });

  test('whose time is up, or that is asked to end, during the transaction waits for that, and says what it did', async () => {
    await withElSheep(async (sheep) => {
      await standInForDnf(sheep, SLOW);
      for (const [code, timeout_s, end] of [
        ['timed_out', 15, 'sleep 15'],
        ['interrupted', 300, 'kill -HUP $run; sleep 1; kill -0 $run'],
      ] as const) {
        await sheep.sh(DAMAGE);
        const answer = await sheep.sh(`${begin(timeout_s)}; ${end}; touch /run/on; wait $run || true; cat /run/answer`);
        expect(JSON.parse(answer)).toMatchObject({
          changed: true,
          changes: [{ what: `kmod ${KMOD.new}.x86_64`, after: 'intact' }],
          error: { code, retry: true },
        });
        expect(await sheep.sh('cat /run/ended; ls -A /run /var/cache')).not.toContain('bellwether');
        expect(await sheep.sh('cat /run/ended')).toBe('0\n');
      }
    }, LEAN);
  });

  test('that is killed leaves its transaction to end: the next is told of it, and mends what is left then', async () => {
    await withElSheep(async (sheep) => {
      await sheep.sh(DAMAGE);
      await standInForDnf(sheep, SLOW);
      await sheep.sh(`${begin(300)}; kill -KILL $run`);
      const { error } = await refused(sheep, { op: 'reinstall' });
      expect(error).toMatchObject({ code: 'busy', retry: true, at: { op: 'reinstall', command: expect.any(String) } });
      expect(error.message).toMatch(/dnf .*--cacheonly reinstall -- kmod-\S+, pid \d+,/);
      await sheep.sh('touch /run/on; for i in {1..600}; do [ -e /run/ended ] && break; sleep 0.1; done');
      expect(await sheep.sh('cat /run/ended; rpm -V kmod')).toBe('0\n');
      const next = await ask(sheep, 'reinstall');
      expect(next.summary).toMatch(/^nothing to reinstall: kmod intact; /);
      // What boots is as it was: what was kept of it goes.
      expect(next.steps.map(({ action, what }) => `${action} ${what}`)).toEqual(
        next.steps.map(() => expect.stringMatching(/^clear .*\.bellwether-.*\.kept$/)),
      );
      expect(next.changes).toHaveLength(next.steps.length);
      expect(await ask(sheep, 'reinstall')).toMatchObject({
        changed: false,
        summary: 'nothing to reinstall: kmod intact',
      });
      expect(await sheep.sh('ls -A /run; find /boot -name ".bellwether*"')).not.toContain('bellwether');
    }, LEAN);
  });

  test('from a repository that goes away meanwhile leaves the caches as they were', async () => {
    await withElSheep(async (sheep) => {
      await sheep.sh(`${DAMAGE}; dnf makecache; echo kept > /var/cache/dnf/kept; echo kept > /var/cache/dnf/kept.rpm`);
      await standInForDnf(sheep, 'case "$*" in *--downloadonly*) mv /srv/repo /srv/gone;; esac; exec $REAL "$@"');
      const before = await sheep.sh('ls -AR /var/cache/dnf');
      expect(await refused(sheep, { op: 'reinstall' })).toMatchObject({
        changed: false,
        error: { code: 'repository_unreachable' },
      });
      expect(await sheep.sh('ls -AR /var/cache/dnf')).toBe(before);
      expect(await sheep.sh('ls /var/cache')).not.toContain('bellwether');
    }, LEAN);
  });

  test('is done by one at a time: the other is told who is at work', async () => {
    await withElSheep(async (sheep) => {
      const request = { protocol: 1, op: 'reinstall', params: { when: 'always' } };
      const both = await Promise.all([sheep.call(request), sheep.call(request)]);
      const [done, other] = both.sort((a, b) => (a.status ?? -1) - (b.status ?? -1));
      expect(done).toMatchObject({ status: 0, answer: { changed: true } });
      expect(other).toMatchObject({
        status: 75,
        answer: {
          changed: false,
          error: { code: 'busy', retry: true, at: { op: 'reinstall', lock: '/run/bellwether.lock' } },
        },
      });
      expect(other.answer.error?.message).toMatch(/reinstall, pid \d+, for \d+ s$/);
      expect(await sheep.sh('ls -A /run')).not.toContain('bellwether');
    }, LEAN);
  });

  test('while another program holds the package database is told as such, and changes nothing', async () => {
    await withElSheep(async (sheep) => {
      await sheep.sh(DAMAGE);
      // As rpm takes it while it changes its database: fcntl(2).
      await sheep.write(
        '/run/hold.py',
        'import fcntl, time\nf = open("/var/lib/rpm/.rpm.lock", "r+")\nfcntl.lockf(f, fcntl.LOCK_EX)\nopen("/run/held", "w")\ntime.sleep(600)\n',
      );
      await sheep.sh(
        'python3 /run/hold.py >/dev/null 2>&1 </dev/null & echo $! > /run/holder; until [ -e /run/held ]; do sleep 0.1; done',
      );
      const { changed, error } = await refused(sheep, { op: 'reinstall', timeout_s: 30 });
      expect({ changed, error }).toMatchObject({ changed: false, error: { retry: true } });
      expect(['busy', 'timed_out']).toContain(error.code);
      await sheep.sh('kill -9 $(cat /run/holder)');
      expect(await ask(sheep, 'reinstall')).toMatchObject({ changed: true });
    }, LEAN);
  });

  test('is for root: others may ask what would be done', async () => {
    await withElSheep(async (sheep) => {
      await sheep.sh(`${DAMAGE}; chmod 755 /usr/bin/kmod /run`);
      const { answer } = await sheep.call({ protocol: 1, op: 'reinstall' }, { uid: 65534 });
      expect(answer.error).toMatchObject({ code: 'not_permitted', hint: 'run it as root' });
      const dry = await sheep.call({ protocol: 1, op: 'reinstall', dry_run: true }, { uid: 65534 });
      expect(dry.answer).toMatchObject({ error: null, changed: true });
    }, LEAN);
  });
});
