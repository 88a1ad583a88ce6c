import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { whyNot } from '../setup/cache.mjs';
import { imagePath } from '../setup/images.mjs';
import { withLabRoot } from '../support/lab-root.ts';
import { describeUnless } from '../support/where.ts';
import { type Pasture, openPasture } from './pasture.ts';
import { QUICK } from './play.ts';
import { RELEASES, whyNoPython, whyNoRelease } from './releases.ts';

jest.setTimeout(300_000);

describe.each(RELEASES)('with ansible-core %s', (release) => {
  const reason = whyNoRelease(release) ?? whyNoPython('3.11') ?? whyNot('kernel', 'images');
  let pasture: Pasture | undefined;

  beforeAll(async () => {
    if (reason === null) pasture = await openPasture(release, { wether: '3.11' });
  });
  afterAll(() => pasture?.close());

  describeUnless(reason, 'a whole image made by dracut', () => {
    test('is healthy, and unhealthy where a depmod that indexes nothing had a part in it', async () => {
      await withLabRoot(async (root) => {
        const judge = async (name: string) => {
          const task = { name, 'bellwether.boot.initramfs': { state: 'healthy', root: root.path } };
          return (await pasture!.play([task], { env: QUICK })).result('wether', name);
        };
        await root.putImage(imagePath('generic-gzip'));
        expect(await judge('sound')).toMatchObject({ status: 'ok', check: { verdict: 'healthy' } });

        await root.putImage(imagePath('generic-odd'));
        const { status, msg } = await judge('odd');
        expect(status).toBe('failed');
        expect(msg).toMatch(/^fatal module_index_empty: /m);
        expect(msg).toMatch(/^fatal module_not_indexed: /m);
      });
    });
  });
});
