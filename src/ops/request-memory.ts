import { statSync } from 'node:fs';
import type { HostTree } from '../host/tree.ts';
import { readTrustedKeys, type TrustedKey } from '../host/trusted-keys.ts';
import { readImage } from '../image/read-image.ts';
import type { ImageFacts } from '../image/types.ts';

/**
 * Reads images, and the keys in kernels, for one request, each file once: one that is still the same file, with the same size
 * and time of change, under whatever name, is not read again. An operation looks before it acts and again when it has: what
 * it did not touch it knows already, and so it does what it has just built, judged and given its name.
 */
export class RequestMemory {
  readonly #images = new Map<string, Promise<ImageFacts>>();
  readonly #keys = new Map<string, Promise<readonly TrustedKey[] | null>>();

  /** As `readImage`, with its errors; files are told by the paths that are asked for. */
  async read(paths: readonly string[], signal: AbortSignal): Promise<ImageFacts> {
    const facts = await remember(this.#images, paths, () => readImage(paths, { signal }));
    return { ...facts, files: facts.files.map((file, index) => ({ ...file, path: paths[index] ?? file.path })) };
  }

  /** As `readTrustedKeys`, of a kernel file by its path on the host. */
  keys(tree: HostTree, vmlinuz: string): Promise<readonly TrustedKey[] | null> {
    const outside = tree.outside(vmlinuz);
    const read = () => readTrustedKeys(tree, vmlinuz);
    return outside === null ? read() : remember(this.#keys, [outside], read);
  }
}

/** What could not be read may be readable when it is asked for again. */
function remember<T>(known: Map<string, Promise<T>>, paths: readonly string[], read: () => Promise<T>): Promise<T> {
  const key = identify(paths);
  if (key === null) return read();
  let reading = known.get(key);
  if (reading === undefined) {
    known.set(key, (reading = read()));
    reading.catch(() => known.delete(key));
  }
  return reading;
}

/**
 * Null where a file cannot be looked at: opening it says why. At once, so that the image unpacks on its own thread while the
 * host is read on this one.
 */
function identify(paths: readonly string[]): string | null {
  try {
    const files = paths.map((path) => statSync(path, { bigint: true }));
    return files.map(({ dev, ino, size, mtimeNs }) => [dev, ino, size, mtimeNs].join(' ')).join('\n');
  } catch {
    return null;
  }
}
