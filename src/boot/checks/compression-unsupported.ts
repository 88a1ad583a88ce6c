import type { Compression, Segment } from '../../image/types.ts';
import { DECOMPRESSORS } from '../decompressors.ts';
import type { BootFacts, Check, Observation } from '../types.ts';

/** A segment is compressed in a way that this kernel is not configured to unpack. */
export const compressionUnsupported: Check = {
  code: 'compression_unsupported',
  checkpoint: 'unpack',
  severity: 'fatal',
  symptom:
    '"Initramfs unpacking failed: compression method … not configured" or "invalid magic at start of compressed archive".',
  cause:
    "The generator's default compression changed, or the kernel is older or smaller than the one that it was chosen for.",
  cure: 'Build the image with a compression that the kernel has: `dracut --force --gzip --kver K IMAGE`, or COMPRESS=gzip in initramfs.conf.',
  repair: ['rebuild'],
  *observe(facts) {
    const { image, kernel } = facts;
    if (image === null) return;
    if (kernel.config !== null && kernel.config.get('CONFIG_BLK_DEV_INITRD') !== 'y' && image.segments.length > 0) {
      yield {
        defect: true,
        message: `Kernel ${kernel.kernel} takes no initramfs at all: CONFIG_BLK_DEV_INITRD is off.`,
        evidence: { option: 'CONFIG_BLK_DEV_INITRD', config: kernel.configSource },
        repair: ['reinstall'],
      };
      return;
    }
    const told = new Set<Compression>();
    for (const segment of image.segments) {
      if (segment.compression === 'none' || told.has(segment.compression)) continue;
      told.add(segment.compression);
      yield* judgeSegment(segment, segment.compression, facts);
    }
  },
};

function* judgeSegment(
  segment: Segment,
  compression: Exclude<Compression, 'none'>,
  { kernel, image }: BootFacts,
): Iterable<Observation> {
  const option = DECOMPRESSORS[compression];
  if (kernel.config === null) {
    // Every kernel that distributions build takes gzip, and has for twenty years.
    if (compression !== 'gzip')
      yield {
        defect: false,
        what: `whether kernel ${kernel.kernel} can unpack ${compression} (${option})`,
        reason: "the kernel's configuration could not be read",
      };
    return;
  }
  if (kernel.config.get(option) === 'y') return;
  const path = image?.files[segment.file]?.path ?? null;
  yield {
    defect: true,
    message: `The image is compressed with ${compression}, which kernel ${kernel.kernel} cannot unpack: ${option} is off.`,
    evidence: { path, offset: segment.offset, compression, option, config: kernel.configSource },
  };
}
