import { MAKE_ROOM_ON_BOOT } from '../boot-room.ts';
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
  cure: MAKE_ROOM_ON_BOOT,
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
