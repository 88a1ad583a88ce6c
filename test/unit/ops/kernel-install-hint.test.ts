import { expect, test } from '@jest/globals';
import { kernelInstallHint } from '../../../src/ops/kernel-install-hint.ts';

test('in a rescue system the command line is written down before kernel-install is run', () => {
  expect(kernelInstallHint('/', '6.1')).toBe('`kernel-install add 6.1 /boot/vmlinuz-6.1`');
  expect(kernelInstallHint('/mnt', '6.1', '/lib/modules/6.1/vmlinuz')).toMatch(
    /^write .* \/mnt\/etc\/kernel\/cmdline first .*, then `chroot \/mnt kernel-install add 6\.1 \/lib\/modules\/6\.1\/vmlinuz`$/,
  );
});
