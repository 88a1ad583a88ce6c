import { expect, jest, test } from '@jest/globals';
import type { ErrorAnswer, RepairAnswer } from '../../src/protocol/messages.ts';
import { BUNDLE } from '../setup/build.mjs';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { expectKind } from '../support/answers.ts';
import { withAptHost } from '../support/apt-host.ts';
import type { Host } from '../support/host.ts';
import { ask, askThrice } from '../support/mending.ts';
import { describeUnless } from '../support/where.ts';

jest.setTimeout(300_000);

const RECORD = '/var/lib/bellwether/released-locks';
/** Kills bellwether, and it alone, when its transaction begins; once. */
const KILLER = `#!/bin/sh
case "$*" in *--download-only*) ;; *" install "*) rm /usr/local/sbin/apt-get; kill -9 $PPID ;; esac
exec /usr/bin/apt-get "$@"
`;

/** What is held, and what is on record to be. */
async function holds(host: Host): Promise<readonly string[]> {
  const found = await host.sh(`apt-mark showhold; echo --; cat ${RECORD} 2>/dev/null || :`);
  const [held = '', record = ''] = found.split('--\n');
  return [held.trim().split('\n').join(' '), record.trim().split('\n').join(' ')];
}

/** One request that does not live to its end; apt does, and then the host is free again. */
async function killed(host: Host, request: object): Promise<void> {
  await host.sh('cat > /usr/local/sbin/apt-get && chmod 755 /usr/local/sbin/apt-get', { input: KILLER });
  const input = JSON.stringify({ protocol: 1, ...request });
  const { stdout } = await host.tryRun(process.execPath, [BUNDLE, 'call'], { input });
  expect(stdout).toBe('');
  await host.sh('while pgrep -x "apt-get|dpkg" >/dev/null; do sleep 0.1; done; [ ! -e /usr/local/sbin/apt-get ]');
}

const back = (version: string) => ({ what: 'lock on toy (dpkg)', before: null, after: `toy ${version} hold` });

describeUnless(whyNoOverlay(), 'a hold that a killed run had taken off', () => {
  test('for a reinstall is back after the next, as its dry run told', async () => {
    await withAptHost(['toy=1.0-2', 'other'], async (host) => {
      await host.sh('apt-mark hold toy >/dev/null; echo broken > /usr/share/lab/toy');
      await killed(host, { op: 'reinstall', params: { packages: ['toy'] } });
      expect(await holds(host)).toEqual(['', 'toy']);
      const done = await askThrice(host, 'reinstall', { packages: ['toy'] }, () => holds(host));
      expect(done.changes).toEqual([back('1.0-2')]);
      expect(done.summary).toContain('the locks on toy, which a run that was ended had taken off, are back');
      expect(await holds(host)).toEqual(['toy', '']);
    });
  });

  test('for an installation is back after a lock on another package, at the version that came', async () => {
    await withAptHost(['toy=1.0-1', 'other'], async (host) => {
      await host.sh('apt-mark hold toy >/dev/null');
      await killed(host, { op: 'lock', params: { packages: ['toy'], version: '1.0-2', install: true } });
      expect(await holds(host)).toEqual(['', 'toy']);
      const done = await askThrice(host, 'lock', { packages: ['other'] }, () => holds(host));
      expect(done.changes).toEqual([back('1.0-2'), expect.objectContaining({ what: 'lock on other (dpkg)' })]);
      expect(await holds(host)).toEqual(['other toy', '']);
    });
  });

  test('outlives the reinstall that is asked for next, and goes where it is unlocked', async () => {
    await withAptHost(['toy=1.0-2', 'other'], async (host) => {
      await host.sh('apt-mark hold toy >/dev/null');
      const always = { op: 'reinstall', params: { packages: ['toy'], when: 'always' } };
      await killed(host, always);
      await ask(host, 'reinstall', always);
      expect(await holds(host)).toEqual(['toy', '']);
      await killed(host, always);
      await ask(host, 'lock', { params: { packages: ['toy'], state: 'unlocked' } });
      expect(await holds(host)).toEqual(['', '']);
    });
  });

  test('is put back by a repair, and of one that stands only the record goes', async () => {
    await withAptHost(['toy=1.0-2'], async (host) => {
      const repair = async (more: object = {}): Promise<RepairAnswer> =>
        expectKind('repair', (await host.call({ protocol: 1, op: 'repair', ...more })).answer);
      await host.sh(`mkdir -p /var/lib/bellwether; printf 'toy\\ngone\\n' > ${RECORD}`);
      expect((await repair({ dry_run: true })).changes).toEqual([back('1.0-2')]);
      const done = await repair();
      expect(done.changes).toEqual([back('1.0-2')]);
      expect(done.summary).toContain('the locks on toy, which');
      expect(await holds(host)).toEqual(['toy', '']);
      await host.sh(`mkdir -p /var/lib/bellwether; echo toy > ${RECORD}`);
      expect((await repair()).steps).toMatchObject([{ action: 'clear', what: RECORD }]);
      expect((await repair()).changed).toBe(false);
    });
  });

  test('that cannot be put back is told, stays on record, and keeps nothing else from being done', async () => {
    await withAptHost(['toy=1.0-2', 'other'], async (host) => {
      await host.sh(`mkdir -p /var/lib/bellwether; echo toy > ${RECORD}`);
      await host.sh(
        "printf '#!/bin/sh\\nexit 100\\n' > /usr/local/sbin/apt-mark; chmod 755 /usr/local/sbin/apt-mark; echo broken > /usr/share/lab/other",
      );
      const done = await ask(host, 'reinstall', { params: { packages: ['other'] } });
      expect(done.changes.map(({ what }) => what)).toEqual([expect.stringMatching(/^other /)]);
      expect(done.summary).toContain('could not be put back, for the next run to do');
      await host.sh('rm /usr/local/sbin/apt-mark');
      expect(await holds(host)).toEqual(['', 'toy']);
    });
  });

  test('is not taken off at all where that cannot be put on record', async () => {
    await withAptHost(['toy=1.0-2'], async (host) => {
      await host.sh(
        'apt-mark hold toy >/dev/null; echo broken > /usr/share/lab/toy; touch /var/lib/bellwether; chmod 600 /var/lib/bellwether',
      );
      const { answer } = await host.call({ protocol: 1, op: 'reinstall', params: { packages: ['toy'] } });
      const { error }: ErrorAnswer = expectKind('error', answer);
      expect(error).toMatchObject({ code: 'not_permitted', at: { path: RECORD } });
      expect(await holds(host)).toEqual(['toy', '']);
    });
  });
});
