import { describe, expect, test } from '@jest/globals';
import { inWords } from '../../../../src/ops/rebuilding/in-words.ts';
import { BellwetherError } from '../../../../src/protocol/errors.ts';

function refused(code: string): unknown {
  return Object.assign(new Error(`${code}: the kernel says no, fsync`), { code, syscall: 'fsync' });
}

describe('what the kernel refuses while an image is put in place', () => {
  test.each([
    ['ENOSPC', 'boot_full'],
    ['EDQUOT', 'boot_full'],
    ['EROFS', 'boot_read_only'],
    ['EIO', 'command_failed'],
    ['EPERM', 'command_failed'],
  ])('%s is told as %s, with the path', (errno, code) => {
    const told = inWords(refused(errno), '/boot/i could not be replaced', '/boot/i');
    expect(told).toMatchObject({ code, message: expect.stringContaining('/boot/i'), at: { errno, path: '/boot/i' } });
  });

  test('other errors are what they are', () => {
    const own = new BellwetherError('image_refused', 'x');
    const defect = new Error('x');
    expect(inWords(own, '', '/boot/i')).toBe(own);
    expect(inWords(defect, '', '/boot/i')).toBe(defect);
  });
});
