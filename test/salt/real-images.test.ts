import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { BUNDLE } from '../setup/build.mjs';
import { whyNot } from '../setup/cache.mjs';
import { imagePath } from '../setup/images.mjs';
import { expectKind } from '../support/answers.ts';
import { withLabRoot } from '../support/lab-root.ts';
import { fatalCodes } from '../support/verdicts.ts';
import { describeUnless } from '../support/where.ts';
import { createMinion, type Minion } from './minion.ts';
import { RELEASES, stepOf } from './releases.ts';

jest.setTimeout(120_000);

for (const release of RELEASES) {
  describeUnless(
    whyNot(stepOf(release), 'kernel', 'images'),
    `a whole image made by dracut, on Salt ${release}`,
    () => {
      let minion: Minion;
      const options = { settings: { executable: BUNDLE, node: process.execPath } };
      beforeAll(async () => {
        minion = await createMinion(release);
      });
      afterAll(() => minion.dispose());

      test('is healthy, and unhealthy where a depmod that indexes nothing had a part in it', async () => {
        await withLabRoot(async (root) => {
          await root.putImage(imagePath('generic-gzip'));
          expect(await minion.healthy([`root=${root.path}`], options)).toMatchObject({ result: true });

          await root.putImage(imagePath('generic-odd'));
          const { result, comment } = await minion.healthy([`root=${root.path}`], options);
          expect(result).toBe(false);
          expect(comment).toMatch(/^fatal module_index_empty: .* Cure: reinstall/m);
          const { value } = await minion.call('bellwether.check', [`root=${root.path}`], options);
          expect(fatalCodes(expectKind('check', value))).toEqual(['module_index_empty', 'module_not_indexed']);
        });
      });
    },
  );
}
