import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { whyNot } from '../setup/cache.mjs';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { sheepPath } from '../support/sheep.ts';
import { describeUnless } from '../support/where.ts';
import { startFlock, type Flock } from './flock.ts';
import { EXAMPLES } from './places.ts';
import { RELEASES, stepOf } from './releases.ts';

jest.setTimeout(180_000);

const SOUND_KERNEL = '6.1.0-56-amd64';

/** The salt-proxy of 3008 waits for its own file client until it gives up, whatever it is to stand for. */
const PROXIES = { '3006': ['router'], '3008': [] } as const;

for (const release of RELEASES) {
  describeUnless(whyNoOverlay() ?? whyNot(stepOf(release)), `a flock on Salt ${release}`, () => {
    let flock: Flock;
    beforeAll(async () => {
      const conf = await beaconExample();
      const sheep = (root: string) => ({
        'ewe-1': { sheep: 'sound', conf: conf(root) },
        'ewe-2': { sheep: 'odd-sheep', conf: conf(root) },
        'ewe-3': { sheep: 'sound', conf: conf(root) },
      });
      flock = await startFlock(release, sheep, PROXIES[release]);
      await flock.run('salt', '*', 'saltutil.sync_all');
      await flock.run('salt', '*', 'state.apply', 'bellwether');
    });
    afterAll(() => flock.stop());

    const reboots = (id: string) => readFile(join(flock.folderOf(id), 'reboots'), 'utf8').catch(() => '');

    test('survey.hash on the fingerprint names the odd one first', async () => {
      const { stdout } = await flock.run(
        'salt-run',
        ...[
          'survey.hash',
          'ewe-*',
          'bellwether.fingerprint',
          'default',
          'auto',
          flock.root,
          'survey_sort=up',
          '--out=json',
        ],
      );
      const pools: unknown = JSON.parse(stdout.slice(stdout.indexOf('[\n')));
      expect(pools).toEqual([
        { pool: ['ewe-2'], result: expect.stringMatching(/^v1:/) },
        { pool: ['ewe-1', 'ewe-3'], result: expect.stringMatching(/^v1:/) },
      ]);
    });

    for (const id of PROXIES[release]) {
      test('a proxy minion neither answers for nor mends the machine that it runs on', async () => {
        for (const asked of [['bellwether.check'], ['state.apply', 'bellwether.repaired']]) {
          const { stdout } = await flock.run('salt', id, ...asked);
          expect(stdout).toContain('the host that it runs on, which is not what a proxy minion stands for');
        }
      });
    }

    test('the beacon tells of the odd one, and of no other', async () => {
      const { stdout } = await flock.run('salt-run', 'state.event', 'salt/beacon/*', 'count=2');
      const events = stdout.split('\n').filter((line) => line.startsWith('salt/beacon/'));
      expect(events).toHaveLength(2);
      for (const event of events) {
        expect(event).toMatch(/^salt\/beacon\/ewe-2\/salt_monitor\/\t/);
        expect(event).toContain('module_index_empty');
      }
    });

    test('an orchestration in test mode judges truly and reboots nothing', async () => {
      const { status, stdout } = await flock.run(
        'salt-run',
        'state.orchestrate',
        'bellwether.orch.reboot',
        'test=True',
      );
      expect(status).not.toBe(0);
      expect(stdout).toContain('module_index_empty');
      expect(await Promise.all(['ewe-1', 'ewe-2', 'ewe-3'].map(reboots))).toEqual(['', '', '']);
    });

    test('an orchestration reboots wave by wave and stops before the one that would not come back', async () => {
      const orchestrated = flock.run(
        'salt-run',
        'state.orchestrate',
        'bellwether.orch.reboot',
        `pillar={"patience": 90}`,
      );
      const end = Date.now() + 60_000;
      while ((await reboots('ewe-1')) === '' && Date.now() < end) await sleep(200);
      await sleep(5_000); // a host says that it will go down, and does a minute later
      await flock.restart('ewe-1');
      const { status, stdout } = await orchestrated;
      expect(status).not.toBe(0);
      expect(stdout).toContain('module_index_empty');
      expect(stdout).toMatch(/ID: wave 1 booted what was to boot\n.*\n +Result: True/);
      expect(await Promise.all(['ewe-1', 'ewe-2', 'ewe-3'].map(reboots))).toEqual(['in 1\n', '', '']);
    });

    test('and stops after one that came back on another kernel than was to boot', async () => {
      const pillar = { patience: 90, tgt: 'ewe-1 or ewe-3' };
      const orchestrated = flock.run(
        'salt-run',
        'state.orchestrate',
        'bellwether.orch.reboot',
        `pillar=${JSON.stringify(pillar)}`,
      );
      const end = Date.now() + 60_000;
      while ((await reboots('ewe-1')) === 'in 1\n' && Date.now() < end) await sleep(200);
      await sleep(5_000);
      const fellBack = join(flock.folderOf('ewe-1'), 'fell-back');
      await cp(sheepPath('sound'), fellBack, { recursive: true, verbatimSymlinks: true });
      await writeFile(join(fellBack, 'proc/sys/kernel/osrelease'), '6.1.0-50-amd64\n');
      await flock.restart('ewe-1', fellBack);
      const { status, stdout } = await orchestrated;
      expect(status).not.toBe(0);
      expect(stdout).toContain(`6.1.0-50-amd64 runs, and ${SOUND_KERNEL} was to boot`);
      expect(await Promise.all(['ewe-1', 'ewe-3'].map(reboots))).toEqual(['in 1\nin 1\n', '']);
    });
  });
}

/** The example's beacon, asked of the sample host and every other second. */
async function beaconExample(): Promise<(root: string) => string> {
  const example = await readFile(join(EXAMPLES, 'beacon.conf'), 'utf8');
  return (root) =>
    example.replace('interval: 3600', 'interval: 2').replace(/^( *)- kernels: all$/m, `$&\n$1- root: ${root}`);
}
