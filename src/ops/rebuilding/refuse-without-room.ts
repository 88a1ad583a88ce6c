import { dirname } from 'node:path';
import { BellwetherError } from '../../protocol/errors.ts';
import type { ImageSite } from './types.ts';

/** An image that is to be built, and where. */
export interface Wanted {
  readonly kernel: string;
  readonly site: ImageSite;
  /** Whether the old image may be taken for how large the new one will be: it is cut short or lacks drivers otherwise. */
  readonly whole: boolean;
  /** Whether the old one stays as a backup. */
  readonly backup: boolean;
}

/** An image as large as its like varies from build to build. */
const SLACK = 1.02;

/**
 * Refuses what does not fit before anything is built. A new image always needs its whole room, since it is built beside
 * the old one; where that stays as a backup, so does each of several images on one file system.
 * @throws BellwetherError `boot_full`, with the figures in bytes
 */
export function refuseWithoutRoom(wanted: readonly Wanted[]): void {
  const taken = new Map<number, number>();
  for (const { kernel, site, whole, backup } of wanted) {
    const { needed, from } = estimate(site, whole);
    const before = taken.get(site.device) ?? 0;
    const freed = [...site.leftovers, ...site.orphans].reduce((sum, { size }) => sum + size, 0);
    const free = site.free + freed;
    if (before + needed > free) {
      throw new BellwetherError(
        'boot_full',
        `${site.path} needs about ${needed} bytes beside the old image, and ${Math.max(0, free - before)} are free there`,
        {
          at: {
            path: site.path,
            folder: dirname(site.real),
            kernel,
            needed,
            free,
            estimated_from: from,
            image: site.file?.size ?? null,
          },
        },
      );
    }
    // The backup that goes when this one becomes it gives its room back.
    taken.set(site.device, before + (backup ? Math.max(0, needed - (site.backup?.size ?? 0)) : 0));
  }
}

/** How large the new image will be: as the old one; where that is damaged, at least as its like. */
function estimate({ file, siblings }: ImageSite, whole: boolean): { readonly needed: number; readonly from: string } {
  const own = file?.size ?? 0;
  if (whole && own > 0) return { needed: Math.ceil(own * SLACK), from: 'the old image' };
  const sorted = [...siblings].sort((a, b) => a - b);
  const like = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return {
    needed: Math.ceil(Math.max(own, like) * SLACK),
    from: like > own ? "other kernels' images" : 'the old image',
  };
}
