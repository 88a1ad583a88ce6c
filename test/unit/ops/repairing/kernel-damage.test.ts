import { describe, expect, it } from '@jest/globals';
import { isSpoilt } from '../../../../src/ops/repairing/kernel-damage.ts';
import type { Difference } from '../../../../src/protocol/messages.ts';

const spoilt = (path: string, differs: Difference[], harmless = false) =>
  isSpoilt({ files: [{ path, differs, harmless }] });

describe('a kernel is reinstalled by a repair', () => {
  it('for what boots or goes into an image and is not what its package brought', () => {
    expect(spoilt('/lib/modules/6.1/vmlinuz', ['digest', 'mtime'])).toBe(true);
    expect(spoilt('/usr/lib/modules/6.1/kernel/fs/ext4/ext4.ko.xz', ['missing'])).toBe(true);
    expect(spoilt('/lib/modules/6.1/modules.builtin', ['size'])).toBe(true);
    expect(spoilt('/boot/vmlinuz-6.1.0-56-amd64', ['digest'])).toBe(true);
  });

  it('not for a mode, an owner or a label, which keep root from nothing', () => {
    expect(spoilt('/lib/modules/6.1/vmlinuz', ['mode'])).toBe(false);
    expect(spoilt('/lib/modules/6.1/config', ['mode', 'owner', 'group', 'mtime', 'capabilities'])).toBe(false);
  });

  it('not for what neither boots nor goes into an image, nor for what is harmless', () => {
    for (const path of [
      '/lib/modules/6.1/build/Makefile',
      '/lib/modules/6.1/System.map',
      '/lib/modules/6.1/symvers.gz',
      '/boot/System.map-6.1',
      '/usr/src/kernels/6.1/Makefile',
      '/usr/share/doc/kernel-core/COPYING',
    ])
      expect({ path, spoilt: spoilt(path, ['digest']) }).toEqual({ path, spoilt: false });
    expect(spoilt('/lib/modules/6.1/config', ['digest'], true)).toBe(false);
  });
});
