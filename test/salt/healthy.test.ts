import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { BUNDLE } from '../setup/build.mjs';
import { whyNot } from '../setup/cache.mjs';
import { expectKind } from '../support/answers.ts';
import { sheepPath } from '../support/sheep.ts';
import { describeUnless } from '../support/where.ts';
import { createMinion, type Minion } from './minion.ts';
import { RELEASES, stepOf } from './releases.ts';

jest.setTimeout(120_000);

for (const release of RELEASES) {
  describeUnless(whyNot(stepOf(release)), `state healthy on Salt ${release}`, () => {
    let minion: Minion;
    const options = { settings: { executable: BUNDLE, node: process.execPath } };
    beforeAll(async () => {
      minion = await createMinion(release);
    });
    afterAll(() => minion.dispose());

    test.each([[[]], [['test=True']]])('a sound host is healthy, and nothing changes %j', async (mode: string[]) => {
      const { result, comment, changes } = await minion.healthy([`root=${sheepPath('sound')}`, ...mode], options);
      expect(comment).toMatch(/^healthy: /);
      expect({ result, changes }).toEqual({ result: true, changes: {} });
    });

    test.each([[[]], [['test=True']]])(
      'the odd sheep fails with what is wrong and what cures it %j',
      async (mode: string[]) => {
        const { result, comment, changes } = await minion.healthy([`root=${sheepPath('odd-sheep')}`, ...mode], options);
        expect({ result, changes }).toEqual({ result: false, changes: {} });
        expect(comment).toMatch(/^unhealthy: /);
        expect(comment).toMatch(/^kernel \S+: unhealthy at .*drivers/m);
        expect(comment).toMatch(/^fatal module_index_empty: .* Cure: reinstall, then .*rebuild\.$/m);
      },
    );

    test('a host that cannot be judged is not healthy, in test mode neither', async () => {
      const root = join(minion.folder, 'bare');
      await mkdir(join(root, 'boot'), { recursive: true });
      for (const mode of [[], ['test=True']]) {
        const { result, comment } = await minion.healthy([`root=${root}`, ...mode], options);
        expect(comment).toMatch(/^unknown: /);
        expect(result).toBe(false);
      }
    });

    test('what the site accepts does not fail the state, and is told', async () => {
      const root = `root=${sheepPath('odd-sheep')}`;
      const check = expectKind('check', (await minion.call('bellwether.check', [root], options)).value);
      const codes = [...new Set(check.findings.map(({ code }) => code))].sort();
      const { result, comment } = await minion.healthy([root, `ignore=${JSON.stringify(codes)}`], options);
      expect(comment).toContain(`accepted by 'ignore': ${codes.join(', ')}`);
      expect(result).toBe(true);
    });

    test('a question that the executable refuses fails the state with its reason', async () => {
      const { result, comment } = await minion.healthy(['platform=abacus'], options);
      expect(result).toBe(false);
      expect(comment).toMatch(/^unknown: .*abacus.*\(bad_request\)/);
    });
  });
}
