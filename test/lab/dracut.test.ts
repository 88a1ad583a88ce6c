import { jest, test } from '@jest/globals';
import type { CheckAnswer } from '../../src/protocol/messages.ts';
import { whyNot } from '../setup/cache.mjs';
import { dracut, layKernel, SMALL } from '../setup/images.mjs';
import { kernels } from '../setup/kernels.mjs';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { withHost } from '../support/host.ts';
import { withLabRoot } from '../support/lab-root.ts';
import { expectHealthy, expectUnhealthy } from '../support/verdicts.ts';
import { describeUnless } from '../support/where.ts';

// dracut takes 17 s on an idle machine.
jest.setTimeout(600_000);

/** Has the real dracut build a small image with these modules and less this driver in a throwaway host, and judges it on a host with LVM. */
function judgeBuilt(flavour: 'generic' | 'cloud', modules: string, omitted: string | null): Promise<CheckAnswer> {
  const kernel = kernels()[flavour];
  return withHost((host) =>
    withLabRoot(async (root) => {
      await layKernel(host, kernel);
      const drivers = SMALL.drivers.split(' ').filter((name) => name !== omitted);
      const omit = omitted === null ? [] : ['--omit-drivers', omitted];
      const small = ['--gzip', '--modules', modules, '--drivers', drivers.join(' ')];
      await dracut(host, kernel.version, '/boot/built', [...small, ...omit]);
      await root.putImage(host.path('/boot/built'));
      return root.judge();
    }, flavour),
  );
}

describeUnless(whyNot('images') ?? whyNoOverlay(), 'an image that dracut built', () => {
  test('without its lvm module does not find / on a logical volume', async () => {
    const answer = await judgeBuilt('generic', SMALL.modules.replace(' lvm', ''), null);
    expectUnhealthy(answer, 'lvm_missing');
  });

  test('without the driver of the disk does not find it', async () => {
    expectUnhealthy(await judgeBuilt('generic', SMALL.modules, 'virtio_blk'), 'driver_missing');
  });

  test('without ext4 boots a kernel that has it built in', async () => {
    expectHealthy(await judgeBuilt('cloud', SMALL.modules, 'ext4'));
  });
});
