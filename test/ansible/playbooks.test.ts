import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { describeUnless } from '../support/where.ts';
import type { SshHost } from './flock.ts';
import { type Pasture, openPasture } from './pasture.ts';
import { type PlayOptions, QUICK, playBook } from './play.ts';
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
      const args = ['-e', 'bellwether_batch=1'];
      const { status, output } = await playBook('bellwether.boot.assert_healthy', {
        ...flockOf('sound', 'sound'),
        args,
      });
      expect({ status, output }).toMatchObject({ status: 0 });
      expect(output.match(/^PLAY \[Assert/gm)).toHaveLength(2);
    });

    test('fails for a flock with an odd sheep in it, and names it', async () => {
      const { status, result, output } = await playBook(
        'bellwether.boot.assert_healthy',
        flockOf('sound', 'odd-sheep'),
      );
      expect(status).toBe(2);
      expect(output).toMatch(/^first\s+: ok=1 .*failed=0/m);
      expect(output).toMatch(/^second\s+: ok=0 .*failed=1/m);
      expect(result('second', 'What boots next will boot').msg).toContain('module_index_empty');
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
