import type { Check } from '../types.ts';

/** Less than this and not even an entry with a small image can be written. */
const FULL = 4 * 1_048_576;

/** /boot has no room left. */
export const bootFull: Check = {
  code: 'boot_full',
  checkpoint: 'host',
  severity: 'warning',
  symptom: 'Nothing yet; the next kernel update writes half an image and reports success.',
  cause: 'Old kernels and rescue images were never removed.',
  cure: 'Remove what is left of kernels that are gone, then old kernels by name with the package manager: none that boots next, runs or is locked.',
  repair: ['free_space'],
  *observe({ host }) {
    const { free, total } = host.boot;
    if (free === null || free >= FULL) return;
    yield {
      defect: true,
      message: `/boot is full: ${Math.round(free / 1024)} KiB are free.`,
      evidence: { free, total, threshold: FULL },
    };
  },
};
