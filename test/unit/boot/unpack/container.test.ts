import { describe, expect, test } from '@jest/globals';
import { imageCorrupt } from '../../../../src/boot/checks/image-corrupt.ts';
import { imageEmpty } from '../../../../src/boot/checks/image-empty.ts';
import { imageTruncated } from '../../../../src/boot/checks/image-truncated.ts';
import { lz4ModernFrame } from '../../../../src/boot/checks/lz4-modern-frame.ts';
import { memberIgnored } from '../../../../src/boot/checks/member-ignored.ts';
import { onlyEarlyCpio } from '../../../../src/boot/checks/only-early-cpio.ts';
import { segmentMisaligned } from '../../../../src/boot/checks/segment-misaligned.ts';
import type { ImageFacts, ImageProblem, Segment } from '../../../../src/image/types.ts';
import { facts, K } from '../facts.ts';
import { observe, severities } from '../observe.ts';

const PATH = `/boot/initramfs-${K}.img`;
const FILES = [{ path: PATH, size: 5_000, mtime: 1_700_000_100 }];
const early: Segment = {
  file: 0,
  offset: 0,
  size: 1_024,
  compression: 'none',
  unpackedSize: 1_024,
  entries: 3,
  early: true,
  trailer: true,
};
const main: Segment = { ...early, offset: 1_024, size: 3_976, compression: 'gzip', early: false };

const image = (
  kind: ImageProblem['kind'],
  offset: number,
  over: Partial<ImageFacts> = {},
  files?: Record<string, null>,
) =>
  facts({
    image: {
      ...(files === undefined ? {} : { files }),
      over: {
        files: FILES,
        segments: [early, main],
        problems: [{ kind, file: 0, offset, detail: 'as seen' }],
        ...over,
      },
    },
  });

describe('an image that is cut short', () => {
  test('is fatal, though the kernel would go on with what it could unpack', () => {
    const cut = image('truncated', 4_999);
    expect(
      observe(imageTruncated, {
        ...cut,
        siblings: [{ path: '/boot/initramfs-rescue.img', role: 'rescue', modules: 816, size: 60_000 }],
      }).defects,
    ).toEqual([
      {
        defect: true,
        message: `${PATH} is cut short: as seen.`,
        evidence: {
          path: PATH,
          size: 5_000,
          offset: 4_999,
          detail: 'as seen',
          boot_free: 800_000_000,
          siblings: [{ path: '/boot/initramfs-rescue.img', size: 60_000 }],
        },
      },
    ]);
    expect(severities(imageTruncated, cut)).toEqual(['fatal']);
  });

  test('is fatal where a section of a unified image reaches beyond the file', () => {
    const uki = {
      sections: [],
      cmdline: null,
      uname: null,
      osrel: null,
      truncated: '.initrd ends at 9000, the file at 5000',
    };
    expect(observe(imageTruncated, facts({ image: { over: { uki, files: FILES } } })).defects[0]?.message).toContain(
      '.initrd ends at 9000',
    );
  });
});

describe('an image without a byte', () => {
  test('is fatal', () => {
    expect(severities(imageEmpty, image('empty', 0, { segments: [] }))).toEqual(['fatal']);
  });

  test('is a warning beside one that holds the system', () => {
    const files = [{ path: '/boot/intel-ucode.img', size: 0, mtime: 0 }, ...FILES];
    expect(severities(imageEmpty, image('empty', 0, { files, segments: [{ ...main, file: 1 }] }))).toEqual(['warning']);
  });
});

describe('bytes that are wrong', () => {
  test('are fatal, with their place', () => {
    expect(observe(imageCorrupt, image('corrupt', 2_000)).defects).toEqual([
      {
        defect: true,
        message: `${PATH} is damaged at byte 2000: as seen.`,
        evidence: { path: PATH, size: 5_000, offset: 2_000, detail: 'as seen' },
      },
    ]);
  });

  test('are fatal where there is no image at all', () => {
    expect(severities(imageCorrupt, image('not_an_image', 0, { segments: [] }))).toEqual(['fatal']);
  });

  test('that are no archive are a warning behind a system that is whole: the kernel starts that', () => {
    expect(severities(imageCorrupt, image('unknown_magic', 5_000))).toEqual(['warning']);
  });

  test.each([
    ['before the system', image('unknown_magic', 512)],
    ['behind microcode alone', image('unknown_magic', 1_024, { segments: [early] })],
    ['behind a system without init', image('unknown_magic', 5_000, {}, { init: null })],
  ])('that are no archive are fatal %s', (_, spec) => {
    expect(severities(imageCorrupt, spec)).toEqual(['fatal']);
  });

  test.each(['limit', 'program_absent'] as const)('are not known where reading stopped (%s)', (kind) => {
    expect(observe(imageCorrupt, image(kind, 1_024))).toEqual({
      defects: [],
      unknowns: [{ defect: false, what: `what ${PATH} holds from byte 1024 on`, reason: 'as seen' }],
    });
  });

  test('are not known where the file could not be read', () => {
    const imageError = { path: PATH, kind: 'unreadable', reason: 'EACCES: permission denied' } as const;
    expect(observe(imageCorrupt, facts({ imageError }))).toEqual({
      defects: [],
      unknowns: [{ defect: false, what: `the image ${PATH}`, reason: 'EACCES: permission denied' }],
    });
  });
});

describe('an archive at an offset that is no multiple of four', () => {
  test('is fatal where the system is in it', () => {
    const { defects } = observe(segmentMisaligned, image('misaligned', 1_026, { segments: [early] }, { init: null }));
    expect(defects[0]?.evidence).toMatchObject({ offset: 1_026, remainder: 2, init_before: false });
    expect(severities(segmentMisaligned, image('misaligned', 1_026, { segments: [early] }))).toEqual(['fatal']);
  });

  test('is a warning behind the system: it boots without what was appended', () => {
    expect(severities(segmentMisaligned, image('misaligned', 5_001))).toEqual(['warning']);
  });
});

describe('a modern LZ4 frame', () => {
  test('is nothing that the kernel unpacks', () => {
    const { defects } = observe(lz4ModernFrame, image('lz4_modern_frame', 1_024, { segments: [early] }));
    expect(defects[0]?.message).toBe(
      `${PATH} has a modern LZ4 frame at byte 1024, which the kernel takes for no archive.`,
    );
  });
});

describe('an image of early microcode', () => {
  test('alone has no system in it', () => {
    const { defects } = observe(onlyEarlyCpio, facts({ image: { over: { files: FILES, segments: [early] } } }));
    expect(defects[0]?.evidence).toEqual({
      files: [{ path: PATH, size: 5_000 }],
      segments: [{ offset: 0, size: 1_024, entries: 3 }],
    });
  });

  test('before the system, or twice before it, is as it should be', () => {
    const segments = [early, { ...early, offset: 512 }, main];
    expect(observe(onlyEarlyCpio, facts({ image: { over: { segments } } })).defects).toEqual([]);
  });

  test('is not blamed where what follows it is damaged', () => {
    expect(observe(onlyEarlyCpio, image('corrupt', 1_024, { segments: [early] })).defects).toEqual([]);
  });
});

describe('members that the kernel drops', () => {
  const dropped = (entry: string): ImageProblem => ({
    kind: 'entry_ignored',
    file: 0,
    offset: 2_000,
    detail: 'its folder is not there',
    entry,
  });

  test('are noted', () => {
    const problems = [dropped('etc/keys/root.key'), dropped('etc/keys/other.key')];
    expect(observe(memberIgnored, facts({ image: { over: { problems } } })).defects).toEqual([
      expect.objectContaining({
        evidence: expect.objectContaining({ count: 2, entries: ['etc/keys/root.key', 'etc/keys/other.key'] }),
      }),
    ]);
  });

  test('do not matter where they are microcode, which is read where it lies', () => {
    const problems = [dropped('kernel/x86/microcode/GenuineIntel.bin')];
    expect(observe(memberIgnored, facts({ image: { over: { problems } } })).defects).toEqual([]);
  });
});
