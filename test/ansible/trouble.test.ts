import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeUnless } from '../support/where.ts';
import { type Pasture, hostEach, openPasture } from './pasture.ts';
import { type Played, QUICK, type Task } from './play.ts';
import { PYTHONS, RELEASES, findPython, whyNoPython, whyNoRelease } from './releases.ts';

const healthy = {
  protocol: 1,
  op: 'check',
  version: '9.0.0',
  changed: false,
  changes: [],
  summary: 'fine',
  duration_ms: 1,
};
const say = (value: object) => `printf '%s\\n' '${JSON.stringify(value)}'`;

/** Programs that are not bellwether, or not one that the collection can use: shell scripts, by the name of their fault. */
const PROGRAMS = {
  rubbish: `echo 'Segmentation fault (core dumped)'; echo 'it says why here' >&2`,
  bytes: `printf '\\377\\376{}\\n'`,
  silent: ':',
  endless: 'exec yes',
  twice: `echo '{"protocol":1,"error":null}'; echo '{}'`,
  another: say({ ...healthy, op: 'version', error: null }),
  verdictless: say({ ...healthy, error: null }),
  fails: `${say({ ...healthy, error: null, verdict: 'healthy', findings: [], unknowns: [] })}; exit 3`,
  killed: 'kill -9 $$',
  old: say({ ...healthy, protocol: 0, error: null, verdict: 'healthy' }),
  hangs: 'sleep 987 & echo $! > /run/hanging; sleep 987',
  busy: `${say({
    ...healthy,
    error: { code: 'busy', retry: true, message: 'another run holds the lock: pid 4242', hint: 'Wait for it to end.' },
  })}; exit 75`,
} as const;

const call = (name: string, args: object): Task => ({ name, 'bellwether.boot.initramfs': args });
const TASKS: readonly Task[] = [
  ...Object.keys(PROGRAMS).map((name) => call(name, { executable: `/opt/faulty/${name}`, timeout: 1 })),
  call('absent', { executable: '/opt/faulty/not-there' }),
  call('no program', { executable: '/etc/hostname' }),
  call('another checksum', { executable: '/opt/faulty/rubbish', checksum: 'a'.repeat(64) }),
  call('checksum alone', { checksum: 'a'.repeat(64) }),
  call('old node', { node: '/opt/faulty/old-node' }),
  call('no node there', { node: '/opt/faulty/not-there' }),
  call('not a node', { node: '/usr/bin/true' }),
  call('no root', { root: '/not/there' }),
  call('odd kernel', { kernels: ['../../etc'] }),
  call('no platform', { platform: 'kmv' }),
  { name: 'told of no root', 'bellwether.boot.boot_info': { root: '/not/there' } },
];
const NO_NODE: readonly Task[] = [call('no node', {})];

jest.setTimeout(300_000); // a play takes seconds, more on a busy machine

describe.each(RELEASES)('with ansible-core %s', (release) => {
  const pythons = PYTHONS[release].filter((version) => findPython(version) !== null);
  let pasture: Pasture | undefined;
  const played: { troubled?: Played; nodeless?: Played } = {};

  beforeAll(async () => {
    if (whyNoRelease(release) !== null) return;
    pasture = await openPasture(release, hostEach(pythons));
    const hosts = Object.values(pasture.hosts).map(({ host }) => host);
    for (const host of hosts) {
      const folder = host.path('/opt/faulty');
      await mkdir(folder);
      for (const [name, script] of Object.entries({ ...PROGRAMS, 'old-node': 'echo v14.21.3' })) {
        await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      }
    }
    played.troubled = await pasture.play(TASKS, { env: QUICK });
    // Not removed but covered: the node that runs the tests may be mounted there.
    const cover =
      'for node in /usr/local/bin/node /usr/bin/node; do ! test -e $node || mount --bind /dev/null $node; done';
    for (const host of hosts) await host.sh(cover);
    played.nodeless = await pasture.play(NO_NODE, { env: QUICK });
  });
  afterAll(() => pasture?.close());

  describe.each(PYTHONS[release])('on a host with Python %s', (version) => {
    const name = `py${version}`;
    const failed = (task: string, play: keyof typeof played = 'troubled') => {
      const { status, changed, msg, error } = played[play]!.result(name, task);
      return { status, changed: changed === true, msg, error };
    };

    describeUnless(whyNoRelease(release) ?? whyNoPython(version), 'the failure', () => {
      test.each([
        ['rubbish', 'not_understood', /rubbish call ended with status 0 and wrote no answer, but 'Segmentation fault/],
        ['bytes', 'not_understood', /wrote no answer/],
        ['silent', 'not_understood', /ended with status 0 and wrote no answer, but ''/],
        ['endless', 'not_understood', /wrote more than 16777216 bytes and was ended/],
        ['twice', 'not_understood', /wrote no answer/],
        ['another', 'not_understood', /was asked `check`.* wrote an answer to `version`/],
        ['verdictless', 'not_understood', /without verdict, findings, unknowns/],
        ['fails', 'not_understood', /ended with status 3/],
        ['killed', 'not_understood', /was ended by signal 9/],
        ['old', 'unsupported_protocol', /speaks protocol 0; this collection needs protocol 1\. .*same release/],
        ['hangs', 'timed_out', /did not answer within 6 seconds and was ended\. Raise `timeout`/],
        ['busy', 'busy', /^another run holds the lock: pid 4242\. Wait for it to end\.$/],
        ['absent', 'executable_absent', /there is no file \/opt\/faulty\/not-there on this host\. .*`executable`/],
        ['no program', 'executable_unusable', /cannot run \/etc\/hostname/],
        ['another checksum', 'executable_altered', /has the SHA-256 [0-9a-f]{64}, not a{64}\. It was not run\./],
        ['old node', 'node_too_old', /old-node is v14\.21\.3, older than 16\.20\. Install the package `nodejs`/],
        ['no node there', 'node_absent', /node: \/opt\/faulty\/not-there is not a program/],
        ['not a node', 'node_absent', /does not answer like Node\.js/],
        ['no root', 'root_absent', /\/not\/there/],
        ['told of no root', 'root_absent', /\/not\/there/],
        ['odd kernel', 'bad_request', /\.\.\/\.\.\/etc/],
        ['no platform', 'bad_request', /kmv/],
      ])('of one that is "%s" has the code %s and says what to do', (task, code, message) => {
        expect(failed(task)).toMatchObject({ status: 'failed', changed: false, error: { code } });
        expect(failed(task).msg).toMatch(message);
      });

      test('of a host without Node.js says what to install', () => {
        expect(failed('no node', 'nodeless')).toMatchObject({ status: 'failed', error: { code: 'node_absent' } });
        expect(failed('no node', 'nodeless').msg).toMatch(/none in PATH on this host\. Install the package `nodejs`/);
      });

      test('tells whether to try again', () => {
        for (const task of ['busy', 'hangs']) expect(failed(task).error).toMatchObject({ retry: true });
        for (const task of ['rubbish', 'no root']) expect(failed(task).error).toMatchObject({ retry: false });
      });

      test('keeps the standard error of a program that it does not understand', () => {
        expect(played.troubled!.result(name, 'rubbish')).toMatchObject({ rc: 0, stderr: 'it says why here' });
      });

      test('leaves nothing running of one that hangs', async () => {
        const { host } = pasture!.hosts[name]!;
        // Nothing, or a zombie: the first process of a throwaway host does not wait for the orphans it inherits.
        expect(await host.sh('cat /proc/$(cat /run/hanging)/cmdline 2>/dev/null || true')).toBe('');
      });

      test('refuses a checksum that says of no file what it is', () => {
        expect(failed('checksum alone')).toMatchObject({ status: 'failed' });
        expect(failed('checksum alone').msg).toMatch(/missing parameter.*required by 'checksum': executable/);
      });
    });
  });
});
