import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { BUNDLE } from '../setup/build.mjs';
import { whyNot } from '../setup/cache.mjs';
import { sheepPath } from '../support/sheep.ts';
import { describeUnless } from '../support/where.ts';
import { createMinion, stateReplies, type Minion, type Settings } from './minion.ts';
import { EXAMPLES } from './places.ts';
import { RELEASES, stepOf } from './releases.ts';

jest.setTimeout(120_000);

for (const release of RELEASES) {
  describeUnless(whyNot(stepOf(release)), `the formula on Salt ${release}`, () => {
    let minion: Minion;
    let place: string;
    beforeAll(async () => {
      minion = await createMinion(release);
    });
    afterAll(() => minion.dispose());

    let hosts = 0;
    /** A host of its own each time: where its executable will lie is empty. */
    const freshHost = (more: Omit<Settings, 'executable'>): Settings => {
      place = join(minion.folder, `host-${(hosts += 1)}`, 'bellwether.cjs');
      return { executable: place, node: process.execPath, ...more };
    };
    const apply = async (settings: Settings, mode: readonly string[] = []) => {
      const { status, value } = await minion.call('state.apply', ['bellwether.healthy', ...mode], { settings });
      return { status, states: stateReplies(value) };
    };

    test('lays the executable down, finds a sound host healthy, and has nothing left to do the second time', async () => {
      const settings = freshHost({ check: { root: sheepPath('sound'), kernels: 'all' } });
      const first = await apply(settings);
      expect(first.states.map(({ result }) => result)).toEqual([true, true]);
      expect(first.status).toBe(0);
      expect((await stat(place)).mode & 0o777).toBe(0o755);
      expect(await readFile(place)).toEqual(await readFile(BUNDLE));
      const second = await apply(settings);
      expect(second.states.map(({ result, changes }) => ({ result, changes }))).toEqual([
        { result: true, changes: {} },
        { result: true, changes: {} },
      ]);
    });

    test('fails on the odd sheep, in test mode too', async () => {
      const settings = freshHost({ check: { root: sheepPath('odd-sheep') } });
      const applied = await apply(settings);
      expect(applied.states.map(({ result }) => result)).toEqual([true, false]);
      expect(applied.status).not.toBe(0);
      const tried = await apply(settings, ['test=True']);
      expect(tried.states.map(({ result }) => result)).toEqual([true, false]);
      expect(tried.states[1]!.comment).toBe(applied.states[1]!.comment);
    });

    test('in test mode, before the executable is there, says that it is not', async () => {
      const { states } = await apply(freshHost({ check: { root: sheepPath('sound') } }), ['test=True']);
      expect(states.map(({ result }) => result)).toEqual([null, false]);
      expect(states[1]!.comment).toContain(`bellwether is not on this host: no ${place}`);
    });

    test('lays down no file that differs from its source_hash, and asserts nothing with it', async () => {
      const source = join(minion.folder, 'damaged.cjs');
      await copyFile(BUNDLE, source);
      const settings = freshHost({
        source,
        source_hash: `sha256=${'0'.repeat(64)}`,
        check: { root: sheepPath('sound') },
      });
      const { states } = await apply(settings);
      expect(states.map(({ result }) => result)).toEqual([false, false]);
      await expect(stat(place)).rejects.toThrow('ENOENT');
    });

    test('asks as the example pillar says', async () => {
      const options = { settings: freshHost({}), pillar: join(EXAMPLES, 'pillar') };
      const here = `pillar=${JSON.stringify({ bellwether: { check: { root: sheepPath('sound') } } })}`;
      const { value } = await minion.call('state.apply', ['bellwether.healthy', here], options);
      expect(stateReplies(value).map(({ result }) => result)).toEqual([true, true]);
      const shown = await minion.call('state.show_sls', ['bellwether.healthy', here], options);
      expect(JSON.stringify(shown.value)).toContain('{"kernels":"all"},{"platform":"kvm"},{"ignore":["image_stale"]}');
    });

    test('asks for nothing of its own where the pillar names what to ask for and says nothing', async () => {
      const nothing = { check: null, repair: null, lock: null };
      const files = ['bellwether.healthy,bellwether.repaired,bellwether.locked'];
      const here = `pillar=${JSON.stringify({ bellwether: nothing })}`;
      const shown = await minion.call('state.show_sls', [...files, here], { settings: freshHost({}) });
      expect(JSON.stringify(shown.value)).toMatch(/"bellwether":\[\{"require":.*"kernels_locked"/);
    });

    test('mends and locks as the example pillar says', async () => {
      const options = { settings: freshHost({}), pillar: join(EXAMPLES, 'pillar') };
      const shown = await minion.call('state.show_sls', ['bellwether.repaired,bellwether.locked'], options);
      expect(JSON.stringify(shown.value)).toMatch(/"bellwether":\[\{"kernels":"all"\},.*"repaired"/);
      expect(JSON.stringify(shown.value)).toMatch(/"bellwether":\[\{"version":"running"\},.*"kernels_locked"/);
    });

    test('lays down a file that has its source_hash', async () => {
      const source = join(minion.folder, 'mirror');
      await mkdir(source);
      await copyFile(BUNDLE, join(source, 'bellwether.cjs'));
      const sha256 = createHash('sha256')
        .update(await readFile(BUNDLE))
        .digest('hex');
      const { states } = await apply(
        freshHost({
          source: join(source, 'bellwether.cjs'),
          source_hash: `sha256=${sha256}`,
          check: { root: sheepPath('sound') },
        }),
      );
      expect(states.map(({ result }) => result)).toEqual([true, true]);
    });
  });
}
