// @ts-check
// Faults of the container: cut, flipped, misaligned, packed in a way that the kernel does not take.
import { ALL, DRACUT, KERNELS, PLAIN, SYSTEMD_106, SYSTEMD_59, TOOLS, fault, nearMiss } from './case.mjs';
import { half, withFile } from './edit.mjs';
import { EARLY, NOTE, packed, zerosPacked } from './pack.mjs';

const MIB = 1024 * 1024;
const JUNK = Buffer.alloc(512, 'no archive at all ');

/** @param {Buffer} bytes @param {number} at */
function flipped(bytes, at) {
  const copy = Buffer.from(bytes);
  for (let index = at; index < at + 16; index += 1) copy[index] = (copy[index] ?? 0) ^ 0xff;
  return copy;
}
/** @param {...(Buffer | number)} parts bytes, or how many NULs */
const joined = (...parts) => Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.alloc(part) : part)));

/** @param {Buffer} bytes whose length is made to leave this remainder */
const oddly = (bytes) => joined(bytes, (6 - (bytes.length % 4)) % 4);

/** @type {readonly import('./case.mjs').Case[]} */
export const CONTAINER = [
  fault('image_empty', 'NULs alone', KERNELS, () => Buffer.alloc(65536)),

  fault('image_truncated', 'plain, cut in half', ALL, ({ image }) => half(image), { boots: null }),
  fault('image_truncated', 'gzip, cut in half', [SYSTEMD_106, TOOLS], ({ image }) => half(packed(image, 'gzip')), {
    boots: null,
  }),
  fault('image_truncated', 'zstd, cut in half', [SYSTEMD_59, PLAIN], ({ image }) => half(packed(image, 'zstd')), {
    boots: null,
  }),
  nearMiss('image_truncated', 'padded with NULs', [TOOLS, PLAIN], ({ image }) => joined(image, 70_000)),

  fault('image_corrupt', 'junk in front', ALL, ({ image }) => joined(JUNK, image)),
  fault(
    'image_corrupt',
    'gzip, flipped in the middle',
    [TOOLS, SYSTEMD_106],
    ({ image }) => {
      const bytes = packed(image, 'gzip');
      return flipped(bytes, bytes.length >> 1);
    },
    { boots: null },
  ),
  fault(
    'image_corrupt',
    'zstd, flipped in the middle',
    [SYSTEMD_106, PLAIN],
    ({ image }) => {
      const bytes = packed(image, 'zstd');
      return flipped(bytes, bytes.length >> 1);
    },
    { boots: null },
  ),
  fault(
    'image_corrupt',
    'gzip, its checksum wrong',
    [PLAIN, SYSTEMD_59],
    ({ image }) => {
      const bytes = packed(image, 'gzip');
      return flipped(joined(bytes, 8), bytes.length - 8).subarray(0, bytes.length);
    },
    { boots: null },
  ),
  nearMiss('image_corrupt', 'junk behind', [PLAIN, SYSTEMD_59], ({ image }) => joined(image, JUNK)),
  nearMiss('image_corrupt', 'a second archive behind the trailer', [SYSTEMD_106, TOOLS], ({ image }) =>
    joined(image, NOTE),
  ),
  nearMiss('image_corrupt', 'zstd with a checksum', [TOOLS, PLAIN], ({ image }) =>
    packed(image, 'zstd with a checksum'),
  ),
  nearMiss('image_corrupt', 'a member before its folder', [SYSTEMD_59, TOOLS], ({ members }) => [
    ...withFile([], 'opt/lab/note', 'nothing\n').filter(({ name }) => name === 'opt/lab/note'),
    ...members,
  ]),

  nearMiss('compression_unsupported', 'gzip', [SYSTEMD_106, TOOLS], ({ image }) => packed(image, 'gzip')),
  nearMiss('compression_unsupported', 'bzip2', [PLAIN], ({ image }) => packed(image, 'bzip2')),
  nearMiss('compression_unsupported', 'lzma', [TOOLS], ({ image }) => packed(image, 'lzma')),
  nearMiss('compression_unsupported', 'lzop', [PLAIN], ({ image }) => packed(image, 'lzop')),

  fault('xz_check_unsupported', 'xz with crc64', ALL, ({ image }) => packed(image, 'xz')),
  nearMiss('xz_check_unsupported', 'xz with crc32', [SYSTEMD_106, PLAIN], ({ image }) => packed(image, 'xz crc32')),
  nearMiss('xz_check_unsupported', 'xz without a check', [TOOLS], ({ image }) => packed(image, 'xz without a check')),

  fault('lz4_modern_frame', 'lz4 as it comes', ALL, ({ image }) => packed(image, 'lz4')),
  nearMiss('lz4_modern_frame', 'lz4 in the legacy format', [SYSTEMD_59, TOOLS], ({ image }) =>
    packed(image, 'lz4 legacy'),
  ),

  fault('segment_misaligned', 'plain, two bytes off', ALL, ({ image }) => joined(oddly(EARLY), image)),
  // Behind a plain archive the kernel takes nothing at an odd place, compressed or not ("broken padding").
  fault('segment_misaligned', 'compressed behind plain, two bytes off', [TOOLS, SYSTEMD_106], ({ image }) =>
    joined(oddly(EARLY), packed(image, 'gzip')),
  ),
  nearMiss('segment_misaligned', 'two compressed, two bytes off', [TOOLS, SYSTEMD_106], ({ image }) =>
    joined(oddly(packed(NOTE, 'gzip')), packed(image, 'gzip')),
  ),
  nearMiss('segment_misaligned', 'a note behind, two bytes off', [SYSTEMD_59, PLAIN], ({ image }) =>
    joined(oddly(image), NOTE),
  ),

  fault('only_early_cpio', 'microcode alone', KERNELS, () => EARLY),
  nearMiss('only_early_cpio', 'microcode in front', DRACUT, ({ image }) => joined(EARLY, image)),

  fault('image_too_large', 'unpacks to more than there is', [PLAIN, SYSTEMD_106], ({ image }) =>
    joined(packed(image, 'zstd'), zerosPacked(900 * MIB)),
  ),
  nearMiss('image_too_large', 'unpacks to 150 MiB more', [PLAIN, TOOLS], ({ image }) =>
    joined(packed(image, 'zstd'), zerosPacked(150 * MIB)),
  ),
];
