import { hasMainSegment } from '../container.ts';
import type { Check } from '../types.ts';

/** All segments are microcode or ACPI tables: there is no system in the image. */
export const onlyEarlyCpio: Check = {
  code: 'only_early_cpio',
  checkpoint: 'unpack',
  severity: 'fatal',
  symptom: '"VFS: Unable to mount root fs": the kernel updates its microcode and has nothing to start.',
  cause:
    'Building the main part failed after the early part was written, or the entry names the microcode image alone.',
  cure: 'Build the image anew (`dracut --force --kver K IMAGE`), or add the main image to the entry.',
  repair: ['rebuild', 'configure'],
  *observe({ image }) {
    if (image === null || image.segments.length === 0 || hasMainSegment(image)) return;
    // What stopped the kernel before the main part is told by the rule for that problem.
    if (image.problems.some(({ kind }) => kind !== 'entry_ignored')) return;
    yield {
      defect: true,
      message: `${image.files.map(({ path }) => path).join(' and ')} holds early microcode or ACPI tables and nothing else.`,
      evidence: {
        files: image.files.map(({ path, size }) => ({ path, size })),
        segments: image.segments.map(({ offset, size, entries }) => ({ offset, size, entries })),
      },
    };
  },
};
