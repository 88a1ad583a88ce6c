import { describe, expect, test } from '@jest/globals';
import { imageMissing } from '../../../../src/boot/checks/image-missing.ts';
import { facts, K, node, virtioDisk } from '../facts.ts';
import { hostIndex } from '../modules.ts';
import { observe, severities } from '../observe.ts';

const PATH = `/boot/initramfs-${K}.img`;
const ABSENT = { path: PATH, kind: 'absent', reason: 'no such file' } as const;
const NEEDS_NONE = {
  cmdline: 'root=/dev/vda1 rw',
  kernel: { index: hostIndex({ builtin: new Set(['virtio_blk', 'virtio_pci', 'ext4']) }) },
  storage: {
    nodes: [
      node({ id: 'fs:/', kind: 'filesystem', name: '/dev/vda1', type: 'ext4', mountPoints: ['/'], below: ['vda1'] }),
      node({ id: 'vda1', kind: 'partition', below: ['vda'] }),
      virtioDisk(),
    ],
  },
} as const;

describe('an image that is not there', () => {
  test('is fatal where the entry loads it, and the entry is named', () => {
    expect(observe(imageMissing, facts({ imageError: ABSENT })).defects).toEqual([
      {
        defect: true,
        message: `The image ${PATH}, which the entry "Debian GNU/Linux 12 (${K})" loads, is not there.`,
        evidence: {
          path: PATH,
          kernel: K,
          needed_because: 'the kernel alone does not understand root=/dev/mapper/vg0-root',
          entry: `0123456789abcdef0123456789abcdef-${K}`,
          entry_source: `/boot/loader/entries/0123456789abcdef0123456789abcdef-${K}.conf`,
          images_of_this_kernel: [PATH],
        },
      },
    ]);
  });

  test('is a warning where GRUB goes on without it and the kernel needs none', () => {
    expect(severities(imageMissing, facts({ ...NEEDS_NONE, imageError: ABSENT }))).toEqual(['warning']);
  });

  test('is fatal even then where systemd-boot refuses the entry', () => {
    expect(
      severities(imageMissing, facts({ ...NEEDS_NONE, imageError: ABSENT, loader: { name: 'systemd-boot' } })),
    ).toEqual(['fatal']);
  });

  test('is fatal where a kernel is installed, no entry names it, and it has none', () => {
    expect(severities(imageMissing, facts({ entry: null, image: null, kernel: { images: [] } }))).toEqual(['fatal']);
  });

  test.each([
    [
      'a kernel that needs none',
      { ...NEEDS_NONE, entry: null, image: null, kernel: { ...NEEDS_NONE.kernel, images: [] } },
    ],
    ['a folder of modules without a kernel', { entry: null, image: null, kernel: { vmlinuz: null, images: [] } }],
    ['an image that could not be read', { imageError: { ...ABSENT, kind: 'unreadable' } }],
  ] as const)('is no matter for %s', (_, spec) => {
    expect(observe(imageMissing, facts(spec)).defects).toEqual([]);
  });

  test('is not decided where the command line is not known', () => {
    const { defects, unknowns } = observe(
      imageMissing,
      facts({ entry: null, image: null, cmdline: null, kernel: { images: [] } }),
    );
    expect(defects).toEqual([]);
    expect(unknowns[0]?.reason).toBe('the command line is not known');
  });
});
