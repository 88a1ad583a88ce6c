import { expect, test } from '@jest/globals';
import { whyNot } from '../setup/cache.mjs';
import { IMAGES, imagePath } from '../setup/images.mjs';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { withLabRoot } from '../support/lab-root.ts';
import { expectHealthy, expectUnhealthy } from '../support/verdicts.ts';
import { describeUnless } from '../support/where.ts';

const odd: readonly string[] = ['small-odd', 'generic-odd'];

describeUnless(whyNot('images') ?? whyNoOverlay(), 'images by real generators', () => {
  test.each(IMAGES.filter((name) => !odd.includes(name)))('the image %s boots', async (name) => {
    await withLabRoot(async (root) => {
      await root.putImage(imagePath(name));
      expectHealthy(await root.judge());
    });
  });

  test.each([
    ['small-odd', 'small'],
    ['generic-odd', 'generic-gzip'],
  ] as const)(
    '%s, built with a depmod that indexes nothing, does not boot although it lists as many modules',
    async (sick, sound) => {
      await withLabRoot(async (root) => {
        const modules = async (name: typeof sick | typeof sound): Promise<number> => {
          await root.putImage(imagePath(name));
          const [report] = (await root.judge()).kernels;
          return report!.modules;
        };
        expect(await modules(sick)).toBe(await modules(sound));
        await root.putImage(imagePath(sick));
        const finding = expectUnhealthy(await root.judge(), 'module_index_empty', 'module_not_indexed');
        expect(finding.evidence).toMatchObject({
          path: `usr/lib/modules/${root.kernel}/modules.dep.bin`,
          size: 12,
        });
      });
    },
  );
});
