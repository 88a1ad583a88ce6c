import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { BUNDLE } from '../setup/build.mjs';
import { whyNot } from '../setup/cache.mjs';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { EVR, K } from '../setup/rpms.mjs';
import { FAMILY } from '../support/el-sheep.ts';
import { describeUnless } from '../support/where.ts';
import { startFlock } from './flock.ts';
import { keepLiveSheep, type KeptSheep } from './kept-sheep.ts';
import { createMinionOn, type HostMinion } from './minion-on-host.ts';
import { replyOf, stateReplies, type StateReply } from './minion.ts';
import { layQuickGenerator, makeOdd, makeOddAgain } from './odd-sheep.ts';
import { RELEASES, stepOf, type Release } from './releases.ts';

jest.setTimeout(300_000);

// A minion of each release on the same sheep: what is looked at, each looks at; what is done, one does.
const missing = whyNoOverlay() ?? whyNot(...RELEASES.map(stepOf), 'rpms');
/** While this is there, an image is being built. */
const HELD = '/run/held';
const NOTHING_TO_DO = { result: true, changes: {} };

let kept: KeptSheep;
let minions: Readonly<Record<Release, HostMinion>>;
const openSheep = async () => {
  kept = await keepLiveSheep();
  const { sheep, node } = kept;
  minions = {
    '3006': await createMinionOn(sheep, '3006', { node }),
    '3008': await createMinionOn(sheep, '3008', { node }),
  };
};

describeUnless(missing, 'the odd sheep', () => {
  let told: unknown;
  beforeAll(async () => {
    await openSheep();
    await makeOdd(kept.sheep);
  });
  afterAll(() => kept.leave());

  const traces = () => kept.sheep.sh('ls -l --full-time /boot /usr/sbin/depmod; rpm -V kmod || true');

  test.each(RELEASES)(
    'is told by Salt %s in test mode what would be mended, and nothing is touched',
    async (release) => {
      const before = await traces();
      const { result, changes, comment } = last(await minions[release].apply('bellwether.repaired', ['test=True']));
      expect({ result, comment }).toEqual({
        result: null,
        comment: expect.stringMatching(/^the check says, before that: unhealthy$/m),
      });
      expect(changes).not.toEqual({});
      expect(changes).toEqual(told ?? changes);
      expect(await traces()).toBe(before);
      told = changes;
    },
  );

  test('is mended with just these changes, and will boot', async () => {
    const { result, changes, comment } = last(await minions['3006'].apply('bellwether.repaired'));
    expect({ result, changes }).toEqual({ result: true, changes: told });
    expect(comment).toContain('the check says: healthy');
    expect(await kept.sheep.sh('rpm -V kmod')).toBe('');
    expect((await kept.sheep.judge()).verdict).toBe('healthy');
  });

  test.each(RELEASES)('needs nothing more by Salt %s', async (release) => {
    expect(last(await minions[release].apply('bellwether.repaired'))).toMatchObject(NOTHING_TO_DO);
  });

  test('is mended by a chain of states, beside which no other run gets to work', async () => {
    await makeOddAgain(kept.sheep);
    await layQuickGenerator(kept.sheep, HELD);
    await kept.sheep.run('/bin/touch', [HELD]);
    const chain = minions['3008'].apply('mended');
    while ((await kept.sheep.tryRun('/usr/bin/pgrep', ['-x', 'dracut'])).status !== 0) await sleep(100);
    const { result, comment, changes } = last(await minions['3006'].apply('bellwether.repaired'));
    expect({ result, changes }).toEqual({ result: false, changes: {} });
    expect(comment).toMatch(/rebuild.*\(busy\)\..* try again/);

    await kept.sheep.run('/bin/rm', [HELD]);
    const states = await chain;
    expect(states.map(({ result }) => result)).toEqual([true, true, true, true, true]);
    expect(states.map(changesAnything)).toEqual([false, true, true, false, false]);
  });

  test('needs no second pass of the chain', async () => {
    const again = await minions['3008'].apply('mended');
    expect(again.map(({ result, changes }) => ({ result, changes }))).toEqual(again.map(() => NOTHING_TO_DO));
    expect(again.map(({ comment }) => comment)).toContain('nothing to reinstall: kmod intact');
  });

  test('is mended by an orchestration, which leaves the sound one alone and asserts that both will boot', async () => {
    await makeOddAgain(kept.sheep);
    const sound = await keepLiveSheep();
    const flock = await startFlock('3008', () => ({}));
    const mend = (...mode: readonly string[]) =>
      flock.run('salt-run', 'state.orchestrate', 'bellwether.orch.mend', 'pillar={"wave": 1}', '--out=json', ...mode);
    try {
      await flock.enlist('ewe-1', sound.sheep, { source: BUNDLE, node: sound.node });
      await flock.enlist('ewe-2', kept.sheep, { source: BUNDLE, node: kept.node });
      await flock.run('salt', '*', 'saltutil.sync_all');
      await flock.run('salt', '*', 'state.apply', 'bellwether');

      const tried = await mend('test=True');
      expect(resultsOf(tried.stdout)).toEqual([true, null, false]);
      expect(tried.stdout).toContain('would repair this host in');

      const done = await mend();
      expect(resultsOf(done.stdout)).toEqual([true, true, true]);
      expect((await kept.sheep.judge()).verdict).toBe('healthy');
    } finally {
      await Promise.all([flock.stop(), sound.leave()]);
    }
  });
});

describeUnless(missing, 'the drifted kernel', () => {
  let told: unknown;
  beforeAll(openSheep);
  afterAll(() => kept.leave());

  const pillarOf = (more: object) => `pillar=${JSON.stringify({ kernel_version: EVR.old, ...more })}`;
  const pillar = pillarOf({});
  const unlock = (release: Release, ...mode: readonly string[]) =>
    minions[release].state('bellwether.kernels_unlocked', mode);

  test('is told in test mode which locks would stand', async () => {
    const states = await minions['3006'].apply('kernel', [pillar, 'test=True']);
    expect(states.map(({ result }) => result)).toEqual([true, null, true, null, true]);
    expect(await kept.sheep.lockFile()).toBe('');
    told = states[1]?.changes;
  });

  // On this sheep, kernel-core makes no image when it is installed.
  test('gives way to the one that was tested, with just these changes and an image of its own, and will boot', async () => {
    const states = await minions['3008'].apply('kernel', [pillar]);
    expect(states.map(({ result, comment }) => ({ result, comment }))).toEqual(
      states.map(({ comment }) => ({ result: true, comment })),
    );
    expect(states.map(changesAnything)).toEqual([false, true, true, true, false]);
    expect(states[1]?.changes).toEqual(told);
    expect(states[2]?.changes).toHaveProperty([`/boot/initramfs-${K.old}.img`]);
    const lines = (await kept.sheep.lockFile()).split('\n').filter((line) => /^[^#]/.test(line));
    expect(lines.sort()).toEqual(FAMILY.map((name) => expect.stringContaining(`${name}-0:${EVR.old}.`)));
    expect((await kept.sheep.judge()).kernels.map(({ kernel }) => kernel)).toEqual([K.old]);
  });

  test('needs nothing more, and no update moves it', async () => {
    const again = await minions['3006'].apply('kernel', [pillarOf({ kernel: K.old })]);
    expect(again.map(({ result, changes }) => ({ result, changes }))).toEqual(again.map(() => NOTHING_TO_DO));
    const before = await kept.sheep.installed();
    await kept.sheep.dnf('upgrade');
    expect(await kept.sheep.installed()).toEqual(before);
  });

  test('is unlocked with what test mode tells, once', async () => {
    const tried = await unlock('3006', 'test=True');
    const done = await unlock('3006');
    expect([tried.result, done.result]).toEqual([null, true]);
    expect(done.changes).toEqual(tried.changes);
    expect(await kept.sheep.lockFile()).not.toMatch(/^[^#\n]/m);
    expect(await unlock('3008')).toMatchObject(NOTHING_TO_DO);
  });
});

/** What became of the states of an orchestration, in the order that they ran. */
function resultsOf(printed: string): readonly StateReply['result'][] {
  const ofMasters = replyOf('data', printed);
  if (typeof ofMasters !== 'object' || ofMasters === null) throw new Error(`no states ran: ${printed}`);
  const [states] = Object.values<unknown>({ ...ofMasters });
  return stateReplies(states).map(({ result }) => result);
}

function last(states: readonly StateReply[]): StateReply {
  const state = states[states.length - 1];
  if (state === undefined) throw new Error('no state ran');
  return state;
}

function changesAnything({ changes }: StateReply): boolean {
  return typeof changes === 'object' && changes !== null && Object.keys(changes).length > 0;
}
