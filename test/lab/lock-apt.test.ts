import { expect, jest, test } from '@jest/globals';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { withHost, type Host } from '../support/host.ts';
import { ask, askThrice, refused } from '../support/mending.ts';
import { describeUnless } from '../support/where.ts';

jest.setTimeout(600_000);

const holds = (host: Host): Promise<string> => host.sh('apt-mark showhold');

describeUnless(whyNoOverlay(), 'locking on this Debian', () => {
  test('is a hold, of what was asked and no more, taken back the same way', async () => {
    await withHost(async (host) => {
      await host.sh('apt-mark hold bash >/dev/null');
      const packages = ['kmod', 'udev'];
      const done = await askThrice(host, 'lock', { packages }, () => holds(host));
      expect(done.changes).toEqual(
        packages.map((name) => ({
          what: `lock on ${name} (dpkg)`,
          before: null,
          after: expect.stringMatching(new RegExp(`^${name} \\S+ hold$`)),
        })),
      );
      expect(await holds(host)).toBe('bash\nkmod\nudev\n');
      await askThrice(host, 'lock', { packages, state: 'unlocked' }, () => holds(host));
      expect(await holds(host)).toBe('bash\n');
    });
  });

  test('to a version that is not installed is an error: a hold freezes what is', async () => {
    await withHost(async (host) => {
      const { changed, error } = await refused(host, { op: 'lock', params: { packages: ['kmod'], version: '1-1' } });
      expect({ changed, error }).toMatchObject({ changed: false, error: { code: 'version_absent' } });
      expect(error.message).toContain('kmod is installed as');
    });
  });

  test('does nothing while dpkg is at work for somebody else, and can be tried again', async () => {
    await withHost(async (host) => {
      await host.sh(
        'printf %s "import fcntl,time;f=open(\\"/var/lib/dpkg/lock\\",\\"w\\");fcntl.lockf(f,fcntl.LOCK_EX);open(\\"/run/held\\",\\"w\\");time.sleep(600)" > /run/hold.py; python3 /run/hold.py >/dev/null 2>&1 </dev/null & echo $! > /run/holder; until [ -e /run/held ]; do sleep 0.1; done',
      );
      const { changed, error } = await refused(host, { op: 'lock', timeout_s: 60, params: { packages: ['kmod'] } });
      expect({ changed, error }).toMatchObject({ changed: false, error: { code: 'busy', retry: true } });
      await host.sh('kill -9 $(cat /run/holder)');
      expect(await ask(host, 'lock', { params: { packages: ['kmod'] } })).toMatchObject({ changed: true });
    });
  });
});
