import { describe, expect, test } from '@jest/globals';
import { refuseWithoutRoom, type Wanted } from '../../../../src/ops/rebuilding/refuse-without-room.ts';
import type { ImageSite } from '../../../../src/ops/rebuilding/types.ts';

const MB = 1_000_000;

function wanted(over: Partial<ImageSite>, rest: Partial<Wanted> = {}): Wanted {
  const site: ImageSite = {
    path: '/boot/i',
    real: '/boot/i',
    outside: '/boot/i',
    file: { size: 30 * MB, changed: 0 },
    backup: null,
    leftovers: [],
    orphans: [],
    refusal: null,
    device: 1,
    free: 40 * MB,
    siblings: [],
    ...over,
  };
  return { kernel: 'K', site, whole: true, backup: true, ...rest };
}

const full = (at: object) => expect.objectContaining({ code: 'boot_full', at: expect.objectContaining(at) });

describe('before anything is built', () => {
  test('a new image needs the room of the old one beside it', () => {
    expect(() => {
      refuseWithoutRoom([wanted({ free: 31 * MB })]);
    }).not.toThrow();
    expect(() => {
      refuseWithoutRoom([wanted({ free: 30 * MB })]);
    }).toThrow(full({ free: 30 * MB, needed: 30.6 * MB, image: 30 * MB, path: '/boot/i' }));
    expect(() => {
      refuseWithoutRoom([wanted({ free: 30 * MB }, { backup: false })]);
    }).toThrow(full({}));
  });

  test('the figures are told in bytes', () => {
    expect(() => {
      refuseWithoutRoom([wanted({ free: 7 })]);
    }).toThrow(/about 30600000 bytes .* and 7 are free/);
  });

  test('a damaged image says little: the images of other kernels are asked', () => {
    const cut = { file: { size: 12, changed: 0 }, siblings: [50 * MB, 35 * MB, 45 * MB] };
    expect(() => {
      refuseWithoutRoom([wanted(cut, { whole: false })]);
    }).toThrow(full({ needed: 45.9 * MB }));
    expect(() => {
      refuseWithoutRoom([wanted({ ...cut, free: 46 * MB }, { whole: false })]);
    }).not.toThrow();
  });

  test('what a killed run left is room, since it is cleared first', () => {
    const leftovers = [{ path: '/boot/.bellwether-i.new', outside: '/boot/.bellwether-i.new', size: 29 * MB }];
    expect(() => {
      refuseWithoutRoom([wanted({ free: 2 * MB, leftovers })]);
    }).not.toThrow();
  });

  test('so are backups of kernels that are gone', () => {
    const orphan = { path: '/boot/o', outside: '/boot/o', size: 29 * MB, kernel: 'J' };
    expect(() => {
      refuseWithoutRoom([wanted({ free: 2 * MB, orphans: [orphan] })]);
    }).not.toThrow();
  });

  test('the folder that is full is named', () => {
    expect(() => {
      refuseWithoutRoom([wanted({ free: 2 * MB, real: '/boot/b/i' })]);
    }).toThrow(full({ folder: '/boot/b' }));
  });

  test('old images that stay take room from the next one on the same file system', () => {
    const two = (backup: boolean, device = 1) => [wanted({}, { backup }), wanted({ device }, { backup })];
    expect(() => {
      refuseWithoutRoom(two(true));
    }).toThrow(full({}));
    expect(() => {
      refuseWithoutRoom(two(false));
    }).not.toThrow();
    expect(() => {
      refuseWithoutRoom(two(true, 2));
    }).not.toThrow();
  });
});
