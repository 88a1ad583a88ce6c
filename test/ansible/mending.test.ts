import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeUnless } from '../support/where.ts';
import { type Pasture, hostEach, openPasture } from './pasture.ts';
import { type Played, QUICK, type Task } from './play.ts';
import { RELEASES, findPython, whyNoPython, whyNoRelease } from './releases.ts';
import { CHANGES, DIFFS, IMAGE, LIST, PROGRAMS } from './stand-ins.ts';

const call = (name: string, module: string, args: object = {}, more: object = {}): Task => ({
  name,
  [`bellwether.boot.${module}`]: { executable: `/opt/faulty/${name}`, ...args },
  ...more,
});
const TASKS: readonly Task[] = [
  call('reinstalls', 'package_intact', { packages: ['kmod', 'dracut'], when: 'always', clean_cache: false }),
  call('rebuilds', 'initramfs', {
    state: 'rebuilt',
    kernels: 'all',
    when: 'stale',
    hostonly: false,
    add_drivers: ['virtio_blk'],
    omit_modules: 'plymouth',
    compress: 'none',
    backup: false,
  }),
  call('rebuilds in vain', 'initramfs', { state: 'rebuilt', detail: 'full' }),
  call('locks', 'kernel_lock', { version: '4.18.0-348.el8', install: true, make_default: true }),
  call('repairs', 'repair', { root: '/', timeout: 60, max_rounds: 2, kernels: ['K'] }),
  call('repairs in vain', 'repair'),
  call('cannot repair', 'repair', { kernels: 'K' }),
  call(
    'needs no repair',
    'repair',
    { reinstall: false, kernels: '{{ versions }}' },
    { vars: { versions: "['K', 'L']" } },
  ),
  call('stops half-way', 'initramfs', { state: 'rebuilt' }),
  call('dies', 'kernel_lock', { state: 'unlocked', packages: ['kernel-core'] }),
];
/** Where check mode makes no difference. */
const RUN_ONLY: readonly Task[] = [
  call(
    'is busy at first',
    'repair',
    {},
    {
      register: 'outcome',
      until: 'outcome is not failed or not (outcome.error.retry | default(false))',
      retries: 2,
      delay: 0,
    },
  ),
  { name: 'another state', 'bellwether.boot.initramfs': { when: 'always', backup: true } },
  { name: 'another state too', 'bellwether.boot.initramfs': { state: 'rebuilt', image: '/boot/x' } },
  { name: 'an odd package', 'bellwether.boot.package_intact': { packages: ['--installroot=/x'] } },
  { name: 'no time', 'bellwether.boot.repair': { timeout: 0 } },
  { name: 'too many rounds', 'bellwether.boot.repair': { max_rounds: 99 } },
];

/** One host for each way that Python speaks: what runs on 3.6 runs on a release's newest. */
const PYTHONS = { '2.16': ['2.7', '3.6'], '2.19': ['3.11'] } as const;

jest.setTimeout(300_000); // a play takes seconds, more on a busy machine

describe.each(RELEASES)('with ansible-core %s', (release) => {
  const pythons = PYTHONS[release].filter((version) => findPython(version) !== null);
  let pasture: Pasture | undefined;
  const played: Partial<Record<'run' | 'check', Played>> = {};
  const asked: Record<string, Record<string, unknown>> = {};

  beforeAll(async () => {
    if (whyNoRelease(release) !== null) return;
    pasture = await openPasture(release, hostEach(pythons));
    for (const { host } of Object.values(pasture.hosts)) {
      await mkdir(host.path('/opt/faulty'));
      for (const [name, script] of Object.entries(PROGRAMS)) {
        const kept = `#!/bin/sh\ncat > "$0.asked"\n${script}\n`;
        await writeFile(join(host.path('/opt/faulty'), name), kept, { mode: 0o755 });
      }
    }
    for (const mode of ['run', 'check'] as const) {
      played[mode] =
        mode === 'check'
          ? await pasture.play(TASKS, { env: QUICK, args: ['--check', '--diff'] })
          : await pasture.play([...TASKS, ...RUN_ONLY], { env: QUICK });
      for (const { name, host } of Object.values(pasture.hosts)) {
        for (const program of Object.keys(PROGRAMS)) {
          const kept = await readFile(host.path(`/opt/faulty/${program}.asked`), 'utf8');
          asked[`${name} ${mode} ${program}`] = JSON.parse(kept) as Record<string, unknown>;
        }
      }
    }
  });
  afterAll(() => pasture?.close());

  describe.each(PYTHONS[release])('on a host with Python %s', (version) => {
    const name = `py${version}`;
    const resultOf = (task: string, mode: 'run' | 'check' = 'run') => played[mode]!.result(name, task);
    const said = (task: string, mode: 'run' | 'check' = 'run') => {
      const { status, changed, msg, changes } = resultOf(task, mode);
      return { status, changed, msg, changes };
    };

    describeUnless(whyNoRelease(release) ?? whyNoPython(version), 'a task', () => {
      test.each([
        ['reinstalls', 'reinstall', { packages: ['kmod', 'dracut'], when: 'always', clean_cache: false }],
        [
          'rebuilds',
          'rebuild',
          {
            kernels: 'all',
            when: 'stale',
            hostonly: false,
            add_drivers: ['virtio_blk'],
            omit_modules: ['plymouth'],
            compress: 'none',
            backup: false,
          },
        ],
        ['rebuilds in vain', 'rebuild', { kernels: 'default' }],
        ['cannot repair', 'repair', { kernels: ['K'], reinstall: true, max_rounds: 3 }],
        ['needs no repair', 'repair', { kernels: ['K', 'L'], reinstall: false, max_rounds: 3 }],
        [
          'locks',
          'lock',
          { state: 'locked', version: '4.18.0-348.el8', install: true, make_default: true, exclusive: true },
        ],
        ['repairs', 'repair', { kernels: ['K'], reinstall: true, max_rounds: 2 }],
        [
          'dies',
          'lock',
          {
            state: 'unlocked',
            packages: ['kernel-core'],
            version: 'installed',
            install: false,
            make_default: false,
            exclusive: true,
          },
        ],
      ])('that %s asks for %s with what it was told, as a dry run in check mode', (task, op, params) => {
        const request = { protocol: 1, op, root: '/', params };
        expect(asked[`${name} run ${task}`]).toMatchObject({ ...request, dry_run: false });
        expect(asked[`${name} run ${task}`]!.params).toEqual(params);
        expect(asked[`${name} check ${task}`]).toMatchObject({ ...request, dry_run: true });
        expect(asked[`${name} run rebuilds in vain`]).toMatchObject({ detail: 'full', timeout_s: 600 });
      });

      test.each([
        ['reinstalls', 'reinstall'],
        ['rebuilds', 'rebuild'],
        ['locks', 'lock'],
        ['repairs', 'repair'],
      ] as const)('that %s returns the answer, its changes, and their diff where that is asked for', (task, op) => {
        const changes = CHANGES;
        expect(resultOf(task)).toMatchObject({ status: 'ok', changed: true, changes, [op]: { op } });
        expect(resultOf(task)).not.toHaveProperty('diff');
        expect(resultOf(task, 'check')).toMatchObject({ status: 'ok', changed: true, changes, diff: DIFFS });
      });

      test('with --diff shows before and after', () => {
        expect(played.check!.output).toContain(`--- before: ${LIST}\n+++ after: ${LIST}\n`);
        expect(played.check!.output).toContain('\n+kernel-0:4.18.0-348.el8.*\n');
      });

      test('without changes says so', () => {
        expect(said('needs no repair')).toEqual({ status: 'ok', changed: false, msg: '', changes: [] });
        expect(resultOf('needs no repair', 'check')).toMatchObject({ status: 'ok', changed: false, diff: [] });
      });

      test('that repairs in vain fails with what was tried, and what it changed', () => {
        expect(said('repairs in vain')).toMatchObject({ status: 'failed', changed: true, changes: CHANGES });
        expect(said('repairs in vain').msg.split('\n')).toEqual([
          'K will not boot',
          `round 1: build ${IMAGE}; image_refused: no better; then unhealthy, driver_missing`,
          'fatal driver_missing: The image lacks virtio_blk. To mend: rebuild',
        ]);
        expect(said('rebuilds in vain')).toMatchObject({ status: 'failed', changed: true });
      });

      test('in check mode fails for an unhealthy host that no change is to come for', () => {
        expect(said('repairs in vain', 'check')).toMatchObject({ status: 'ok', changed: true });
        for (const mode of ['run', 'check'] as const)
          expect(said('cannot repair', mode)).toMatchObject({ status: 'failed', changed: false, changes: [] });
      });

      test('that stops half-way says what it had changed, why it stopped and what to do', () => {
        expect(resultOf('stops half-way')).toMatchObject({
          status: 'failed',
          changed: true,
          changes: [CHANGES[3]],
          msg: '/boot has 12 bytes left. remove a kernel',
          error: { code: 'boot_full', retry: false },
          answer: { op: 'rebuild' },
        });
        expect(resultOf('stops half-way', 'check')).toMatchObject({ diff: [DIFFS[3]] });
      });

      test('can be tried again where another run was at work', () => {
        expect(resultOf('is busy at first')).toMatchObject({ status: 'ok', changed: true, attempts: 2 });
      });

      test('of which the executable dies tells that its changes are not known, but for check mode', () => {
        expect(said('dies')).toMatchObject({ status: 'failed', changed: false });
        expect(said('dies').msg).toMatch(
          /was ended by signal 9 .* is not known: a run in check mode says what is left/,
        );
        expect(said('dies', 'check').msg).not.toMatch(/is not known/);
      });

      test.each([
        ['another state', /^backup, when: only with `state: rebuilt`$/],
        ['another state too', /^image: only with `state: healthy`$/],
        ['no time', /"timeout_s" is 0/],
        ['an odd package', /--installroot=\/x/],
        ['too many rounds', /99/],
      ])('with "%s" is refused, by name', (task, message) => {
        expect(resultOf(task)).toMatchObject({ status: 'failed', changed: false, error: { code: 'bad_request' } });
        expect(said(task).msg).toMatch(message);
      });
    });
  });
});
