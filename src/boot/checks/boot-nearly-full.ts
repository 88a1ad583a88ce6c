import { MAKE_ROOM_ON_BOOT } from '../boot-room.ts';
import type { Check } from '../types.ts';

const FULL = 4 * 1_048_576;

/** /boot has no room for one more image as large as this one: building one beside the old would fail. */
export const bootNearlyFull: Check = {
  code: 'boot_nearly_full',
  checkpoint: 'host',
  severity: 'warning',
  symptom: 'Nothing yet; the next image may be cut short.',
  cause: 'Old kernels and rescue images were never removed, or images have grown.',
  cure: MAKE_ROOM_ON_BOOT,
  repair: ['free_space'],
  *observe({ host, image }) {
    const { free, total } = host.boot;
    const size = image?.files.reduce((sum, file) => sum + file.size, 0) ?? 0;
    if (free === null || free < FULL || free >= size) return;
    yield {
      defect: true,
      message: `/boot has ${mib(free)} MiB free, and an image takes ${mib(size)} MiB: the next one does not fit.`,
      evidence: { free, total, image_size: size },
    };
  },
};

function mib(bytes: number): number {
  return Math.round(bytes / 1_048_576);
}
