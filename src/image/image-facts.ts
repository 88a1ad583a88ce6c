import { BellwetherError } from '../protocol/errors.ts';
import { createContentReader } from './content-reader.ts';
import type { ImageBytes } from './image-bytes.ts';
import { readImageContents } from './image-contents.ts';
import { createModuleReader } from './module-reader.ts';
import type { ImageFacts, ReadImageOptions } from './types.ts';
import { unpackImage } from './unpack-image.ts';

const MAX_UNPACKED = 4 * 2 ** 30;

/** Everything that the bytes of an image tell, wherever they lie. */
export async function readImageBytes(
  image: ImageBytes,
  options: ReadImageOptions = {},
): Promise<Omit<ImageFacts, 'files' | 'uki'>> {
  const modules = createModuleReader();
  const checkpoint = (): void => {
    if (options.signal?.aborted === true) throw new BellwetherError('timed_out', 'reading the image took too long');
  };
  try {
    const { root, segments, problems, unpackedSize } = await unpackImage(image, createContentReader(modules), {
      maxUnpacked: options.maxUnpacked ?? MAX_UNPACKED,
      pressure: () => modules.pressure(),
      checkpoint,
    });
    await modules.finish();
    return { segments, problems, unpackedSize, ...readImageContents(root) };
  } catch (error) {
    modules.abandon();
    throw error;
  }
}
