import type { ImageFacts, ImageFile } from '../../image/types.ts';
import type { Check } from '../types.ts';

/** Fewer members than this are an addition to an image (a key, a table), not an image. */
const WHOLE_IMAGE = 50;
/** Seconds: FAT keeps times in steps of two. */
const GRAIN = 2;

/** The entry loads two whole images: the kernel unpacks the later over the earlier, so the later is what boots. */
export const initrdOverlaid: Check = {
  code: 'initrd_overlaid',
  checkpoint: 'loader',
  severity: 'warning',
  symptom:
    'A rebuilt image has no effect at boot; or a mixture of two images boots, with drivers of the one and the index of the other.',
  cause:
    "The entry has two initrd lines. systemd's kernel-install 257 writes both dracut's image and the distribution's /boot/initrd.img-K, the older of the two last.",
  cure: 'Rebuild all images that the entry names, or take the line of the older one out: `kernel-install` with /boot/initrd.img-K removed.',
  repair: ['rebuild', 'configure'],
  *observe({ image, entry }) {
    if (image === null || entry === null) return;
    const init = image.tree.resolve('init');
    const last = init.found ? fileOf(image, init.entry.segment) : null;
    if (last === null) return;
    for (const [at, file] of image.files.entries()) {
      const later = image.files[last];
      if (at >= last || later === undefined) continue;
      const { members, overlaid } = count(image, at);
      if (members < WHOLE_IMAGE || overlaid * 2 < members) continue;
      const older = later.mtime + GRAIN < file.mtime;
      yield {
        defect: true,
        severity: older ? 'warning' : 'note',
        message: older
          ? `The entry loads ${file.path} and then the older ${later.path}, which overlays ${overlaid} of its ${members} files: the older one boots.`
          : `The entry loads ${file.path} and then ${later.path}, which overlays ${overlaid} of its ${members} files.`,
        evidence: {
          entry: entry.id,
          entry_source: entry.source,
          overlaid,
          members,
          earlier: told(file),
          later: told(later),
        },
        ...(older ? {} : { repair: ['configure'] }),
      };
    }
  },
};

/** Members of one file, and those of them that a later file has too. */
function count({ segments, tree }: ImageFacts, at: number): { readonly members: number; readonly overlaid: number } {
  const own = new Set(segments.flatMap(({ file, early }, index) => (file === at && !early ? [index] : [])));
  const members = segments.reduce((sum, { entries }, index) => sum + (own.has(index) ? entries : 0), 0);
  const kept = [...tree.entries.values()].filter(({ segment }) => own.has(segment)).length;
  return { members, overlaid: Math.max(0, members - kept) };
}

function fileOf({ segments }: ImageFacts, segment: number): number | null {
  return segments[segment]?.file ?? null;
}

function told({ path, size, mtime }: ImageFile) {
  return { path, size, mtime };
}
