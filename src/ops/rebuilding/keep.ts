import { DECOMPRESSORS } from '../../boot/decompressors.ts';
import type { BootFacts } from '../../boot/types.ts';
import { hostonlyAsBuilt } from '../../builders/keep.ts';
import type { Compression } from '../../protocol/messages.ts';

/**
 * The compression of an image's main part, where the kernel that boots it can unpack that; else null.
 * @param path which of the entry's images
 */
export function keepCompression({ image, kernel, host }: BootFacts, path: string): Compression | null {
  const at = image?.files.findIndex((file) => file.path === path) ?? -1;
  const main = image?.segments.find(({ file, early }) => file === at && !early);
  if (main === undefined) return null;
  // mkinitramfs has no word for it; and what is plain round a squashed root says nothing of how that is compressed.
  if (main.compression === 'none')
    return host.generator?.name === 'dracut' && image?.unread.length === 0 ? 'none' : null;
  if (kernel.config === null) return main.compression === 'gzip' ? 'gzip' : null;
  return kernel.config.get(DECOMPRESSORS[main.compression]) === 'y' ? main.compression : null;
}

/** Whether dracut built the image for this host alone; null where it does not say, or another generator will build it. */
export function keepHostonly({ image, host }: BootFacts): boolean | null {
  return host.generator?.name === 'dracut' ? hostonlyAsBuilt(image?.dracut?.buildParameters ?? null) : null;
}
