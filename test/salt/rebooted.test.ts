import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { BUNDLE } from '../setup/build.mjs';
import { whyNot } from '../setup/cache.mjs';
import { sheepPath } from '../support/sheep.ts';
import { describeUnless } from '../support/where.ts';
import { createMinion, type Minion } from './minion.ts';
import { RELEASES, stepOf } from './releases.ts';

jest.setTimeout(120_000);

const K = '6.1.0-56-amd64';

for (const release of RELEASES) {
  describeUnless(whyNot(stepOf(release)), `a reboot on Salt ${release}`, () => {
    let minion: Minion;
    const options = { settings: { executable: BUNDLE, node: process.execPath } };
    beforeAll(async () => {
      minion = await createMinion(release);
    });
    afterAll(() => minion.dispose());

    const sound = `root=${sheepPath('sound')}`;
    const noted = (...args: string[]) => minion.state('bellwether.next_boot_noted', args, options);
    const booted = (...args: string[]) => minion.state('bellwether.booted_as_noted', args, options);

    test('is held against the kernel that was noted before it, once that was', async () => {
      const none = await booted(sound);
      expect(none).toMatchObject({ result: false, comment: expect.stringContaining('was not noted') });
      const changes = { 'what boots next, as noted': { old: null, new: K } };
      expect(await noted(sound, 'test=True')).toMatchObject({ result: null, changes });
      expect(await noted(sound)).toMatchObject({ result: true, changes, comment: `${K} boots next` });
      expect(await noted(sound)).toMatchObject({ result: true, changes: {} });
      expect(await booted(sound)).toEqual({ result: true, changes: {}, comment: `${K} runs, which was to boot` });
    });

    test('that led to another kernel fails, and both are named; in test mode nothing is told before it', async () => {
      const root = join(minion.folder, 'fell-back');
      await cp(sheepPath('sound'), root, { recursive: true, verbatimSymlinks: true });
      await writeFile(join(root, 'proc/sys/kernel/osrelease'), '6.1.0-50-amd64\n');
      const { result, comment } = await booted(`root=${root}`);
      expect(comment).toContain(`6.1.0-50-amd64 runs, and ${K} was to boot`);
      expect(result).toBe(false);
      expect(await booted(`root=${root}`, 'test=True')).toMatchObject({ result: null, changes: {} });
    });

    test('for which nothing says what boots next is not noted', async () => {
      const root = join(minion.folder, 'bare');
      await cp(join(sheepPath('sound'), 'proc'), join(root, 'proc'), { recursive: true });
      expect(await noted(`root=${root}`)).toMatchObject({
        result: false,
        changes: {},
        comment: expect.stringContaining('what boots next is not known'),
      });
    });
  });
}
