import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { describeUnless } from '../support/where.ts';
import { type Pasture, hostEach, openPasture } from './pasture.ts';
import { type Played, QUICK, type Task } from './play.ts';
import { PYTHONS, RELEASES, findPython, whyNoPython, whyNoRelease } from './releases.ts';

const sheep = (name: string) => fileURLToPath(new URL(`../../examples/sheep/${name}`, import.meta.url));

const TASKS: readonly Task[] = [
  { name: 'sound', 'bellwether.boot.initramfs': { state: 'healthy', root: sheep('sound') } },
  { name: 'odd', 'bellwether.boot.initramfs': { root: sheep('odd-sheep') } },
  { name: 'no file system', 'bellwether.boot.initramfs': { root: sheep('no-filesystem') } },
  {
    name: 'tell of the odd',
    'bellwether.boot.boot_info': { root: sheep('odd-sheep'), operations: ['check', 'inspect', 'version'] },
  },
  { name: 'tell in full', 'bellwether.boot.boot_info': { root: sheep('drifted-driver'), detail: 'full' } },
  {
    name: 'accepted',
    'bellwether.boot.initramfs': { root: sheep('drifted-driver'), kernels: 'all', ignore: ['driver_missing'] },
  },
  { name: 'this host', 'bellwether.boot.boot_info': {} },
];

jest.setTimeout(300_000); // a play takes seconds, more on a busy machine

describe.each(RELEASES)('with ansible-core %s', (release) => {
  const pythons = PYTHONS[release].filter((version) => findPython(version) !== null);
  let pasture: Pasture | undefined;
  const played: Partial<Record<'run' | 'check', Played>> = {};

  beforeAll(async () => {
    if (whyNoRelease(release) !== null) return;
    pasture = await openPasture(release, hostEach(pythons));
    played.run = await pasture.play(TASKS, { env: QUICK });
    played.check = await pasture.play(TASKS, { env: QUICK, args: ['--check', '--diff'] });
  });
  afterAll(() => pasture?.close());

  describe.each(PYTHONS[release])('on a host with Python %s', (version) => {
    const resultOf = (task: string, mode: 'run' | 'check' = 'run') => played[mode]!.result(`py${version}`, task);

    describeUnless(whyNoRelease(release) ?? whyNoPython(version), 'the task', () => {
      test('passes for a sound sheep, and changes nothing', () => {
        expect(resultOf('sound')).toMatchObject({ status: 'ok', changed: false, check: { verdict: 'healthy' } });
      });

      test('fails for the odd sheep and says what is wrong and what mends it', () => {
        const { status, changed, msg } = resultOf('odd');
        expect({ status, changed }).toEqual({ status: 'failed', changed: false });
        expect(msg).toMatch(/^fatal module_index_empty: .*modules\.dep\.bin.*To mend: .*reinstall/m);
      });

      test('fails for a root file system that no driver in the image knows', () => {
        const { status, msg } = resultOf('no file system');
        expect(status).toBe('failed');
        expect(msg).toMatch(/^fatal filesystem_driver_missing: .*zfs/m);
      });

      test('is told of the odd sheep by boot_info without failing', () => {
        expect(resultOf('tell of the odd')).toMatchObject({
          status: 'ok',
          changed: false,
          check: { op: 'check', verdict: 'unhealthy' },
          inspect: { op: 'inspect' },
          version: { op: 'version', protocols: [1] },
        });
        expect(resultOf('tell in full')).toMatchObject({ status: 'ok', check: { verdict: 'unhealthy' } });
      });

      test('passes where the site accepts what was found', () => {
        expect(resultOf('accepted')).toMatchObject({ status: 'ok', check: { findings: [{ ignored: true }] } });
      });

      test('judges the host itself where no root is named', () => {
        expect(resultOf('this host')).toMatchObject({ status: 'ok', check: { facts: 'live' } });
      });

      test('returns the same in check mode', () => {
        for (const { name } of TASKS) expect(comparable(resultOf(name, 'check'))).toEqual(comparable(resultOf(name)));
      });
    });
  });
});

/** What must be the same in both modes: in check mode the bundle is not kept, so its path is another one. */
function comparable(result: Readonly<Record<string, unknown>>): unknown {
  const kept = ['status', 'changed', 'msg', 'check', 'inspect', 'version'].map((key) => [key, result[key]]);
  return JSON.parse(JSON.stringify(kept, (key, value: unknown) => (key === 'duration_ms' ? undefined : value)));
}
