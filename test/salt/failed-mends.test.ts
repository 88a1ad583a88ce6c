import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { whyNot } from '../setup/cache.mjs';
import { describeUnless } from '../support/where.ts';
import { createMinion, stateReplies, type Minion } from './minion.ts';
import { misbehaving } from './misbehaving.ts';
import { RELEASES, stepOf } from './releases.ts';

jest.setTimeout(120_000);

const STATES = ['packages_intact', 'rebuilt', 'kernels_locked', 'kernels_unlocked', 'repaired'];

for (const release of RELEASES) {
  describeUnless(whyNot(stepOf(release)), `each state that mends, on Salt ${release}, fails`, () => {
    let minion: Minion;
    beforeAll(async () => {
      minion = await createMinion(release);
    });
    afterAll(() => minion.dispose());

    /** All of them in one run, none needing another. */
    const applyAll = async (executable: string) => {
      const states = Object.fromEntries(STATES.map((name) => [name, { [`bellwether.${name}`]: [] }]));
      const { value } = await minion.call('state.template_str', [`#!yaml\n${JSON.stringify(states)}`], {
        settings: { executable },
      });
      const replies = stateReplies(value);
      expect(replies).toHaveLength(STATES.length);
      return replies;
    };

    test('with the holder and a word to try again where another run is at work', async () => {
      for (const { result, comment, changes } of await applyAll(await misbehaving(minion.folder, 'is busy'))) {
        expect({ result, changes }).toEqual({ result: false, changes: {} });
        expect(comment).toMatch(/^another run .* pid 4242 \(busy\)\. The same request may succeed later: try again\.$/);
      }
    });

    test('with what it had changed by then, each thing once, and with what to do', async () => {
      for (const { result, comment, changes } of await applyAll(await misbehaving(minion.folder, 'fails half-way'))) {
        expect({ result, comment, changes }).toEqual({
          result: false,
          comment: '/boot has 4096 bytes left (boot_full). make room',
          changes: { 'kmod 30-1': { old: 'damaged', new: 'reinstalled' }, '/boot/a': { old: 1, new: 3 } },
        });
      }
    });

    test('with a doubt where it is not known what was changed, and without one in test mode', async () => {
      const settings = { executable: await misbehaving(minion.folder, 'prints rubbish') };
      const run = await minion.state('bellwether.repaired', [], { settings });
      const tried = await minion.state('bellwether.repaired', ['test=True'], { settings });
      expect([run.result, tried.result]).toEqual([false, false]);
      expect(run.comment).toMatch(
        /Segmentation fault.* Whether it had changed anything .*: test=True says what is left/,
      );
      expect(tried.comment).not.toContain('Whether it had changed anything');
    });

    test('as a function does, which tells of the changes too', async () => {
      const executable = await misbehaving(minion.folder, 'fails half-way');
      const { status, stderr } = await minion.call('bellwether.repair', [], { settings: { executable } });
      expect(status).not.toBe(0);
      expect(stderr).toMatch(/\/boot has 4096 bytes left \(boot_full\)\. make room[^]*changes:[^]*kmod 30-1/);
    });
  });
}
