import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describeUnless } from '../support/where.ts';
import type { SshHost } from './flock.ts';
import { type Pasture, openPasture } from './pasture.ts';
import { type PlayOptions, QUICK, playBook } from './play.ts';
import { PROGRAMS, REPOSITORY_AWAY } from './stand-ins.ts';
import { RELEASES, whyNoPython, whyNoRelease } from './releases.ts';

jest.setTimeout(300_000);

const example = (name: string) => fileURLToPath(new URL(`../../examples/ansible/${name}`, import.meta.url));
const sheep = (name: string) => fileURLToPath(new URL(`../../examples/sheep/${name}`, import.meta.url));

describe.each(RELEASES)('with ansible-core %s', (release) => {
  const reason = whyNoRelease(release) ?? whyNoPython('3.11');
  let pasture: Pasture | undefined;

  beforeAll(async () => {
    if (reason === null) pasture = await openPasture(release, { first: '3.11', second: '3.11' });
  });
  afterAll(() => pasture?.close());

  /** The pasture's hosts, judged as these sheep. */
  const flockOf = (first: string, second: string): PlayOptions => {
    const as = ({ name, host, vars }: SshHost, of: string) => ({
      name,
      host,
      vars: { ...vars, bellwether_root: sheep(of) },
    });
    const hosts = [as(pasture!.hosts.first!, first), as(pasture!.hosts.second!, second)];
    return { ...pasture!.options, hosts, env: QUICK };
  };

  describeUnless(reason, 'the playbook assert_healthy', () => {
    test('succeeds for a sound flock, one host at a time', async () => {
      const args = ['-e', 'bellwether_throttle=1'];
      const { status, output } = await playBook('bellwether.boot.assert_healthy', {
        ...flockOf('sound', 'sound'),
        args,
      });
      expect({ status, output }).toMatchObject({ status: 0 });
    });

    test('fails for a flock with an odd sheep in it, names it, and judges those that come after it too', async () => {
      const { status, result, output } = await playBook(
        'bellwether.boot.assert_healthy',
        flockOf('odd-sheep', 'sound'),
      );
      expect(status).toBe(2);
      expect(output).toMatch(/^first\s+: ok=0 .*failed=1/m);
      expect(output).toMatch(/^second\s+: ok=1 .*failed=0/m);
      expect(result('first', 'What boots next will boot').msg).toContain('module_index_empty');
    });
  });

  describeUnless(reason, 'the playbooks that mend', () => {
    const TASK = {
      mend: 'What boots next is mended where it will not boot',
      lock_kernels: "The kernel's packages are locked",
    };
    /** Lets a stand-in run on the first host, and says what it was asked in the end. */
    const playOn = async (program: string, playbook: keyof typeof TASK, ...more: readonly string[]) => {
      const { first } = pasture!.hosts;
      const executable = '/opt/stand-in';
      await writeFile(first!.host.path(executable), `#!/bin/sh\ncat > ${executable}.asked\n${program}\n`, {
        mode: 0o755,
      });
      const sum = createHash('sha256')
        .update(await readFile(first!.host.path(executable)))
        .digest('hex');
      const said = { executable, checksum: sum, timeout: 60, detail: 'full' };
      const args = Object.entries(said).flatMap(([name, value]) => ['-e', `bellwether_${name}=${String(value)}`]);
      const { result } = await playBook(`bellwether.boot.${playbook}`, {
        ...flockOf('sound', 'sound'),
        hosts: [first!],
        args: [...args, ...more],
      });
      const asked: unknown = JSON.parse(await readFile(first!.host.path(`${executable}.asked`), 'utf8'));
      return { ...result(first!, TASK[playbook]), asked };
    };

    test.each(['mend', 'lock_kernels'] as const)('%s gives up at once where to wait is of no use', async (playbook) => {
      const result = await playOn(REPOSITORY_AWAY, playbook);
      expect(result).toMatchObject({ status: 'failed', attempts: 1, error: { retry: true } });
    });

    test('mend waits for another run, and hands on what the site says', async () => {
      const rounds = ['-e', 'bellwether_max_rounds=2', '-e', "bellwether_kernels=['K']", '--check'];
      const result = await playOn(PROGRAMS['is busy at first']!, 'mend', ...rounds);
      expect(result).toMatchObject({ attempts: 2, status: 'ok' });
      expect(result.asked).toMatchObject({ timeout_s: 60, detail: 'full', params: { max_rounds: 2, kernels: ['K'] } });
    });
  });

  describeUnless(reason, 'the example before-the-reboot', () => {
    test('asks every host and ends with those that must not be rebooted', async () => {
      const { status, result, output } = await playBook(
        example('before-the-reboot.yml'),
        flockOf('odd-sheep', 'sound'),
      );
      expect(status).toBe(2);
      expect(result('second', 'Ask whether it will boot')).toMatchObject({ status: 'ok' });
      expect(result('first', 'Ask whether it will boot')).toMatchObject({ status: 'ok' });
      expect(result('first', 'May be rebooted')).toMatchObject({ status: 'failed' });
      expect(output).not.toMatch(/^second.*failed=1/m);
    });

    test('judges the sample sheep on this machine', async () => {
      const { output } = await playBook(example('before-the-reboot.yml'), {
        ...pasture!.options,
        inventory: example('sheep.yml'),
        args: ['--check'],
      });
      expect(output).toMatch(/^sound\s+: ok=2 .*failed=0/m);
      for (const odd of ['odd-sheep', 'drifted-driver', 'no-filesystem']) {
        expect(output).toMatch(new RegExp(`^${odd}\\s+: ok=1 .*failed=1`, 'm'));
      }
    });
  });
});
