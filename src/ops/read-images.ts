import type { BootFacts } from '../boot/types.ts';
import { openTree, type HostTree } from '../host/tree.ts';
import type { HostFacts } from '../host/types.ts';
import type { ImageFacts } from '../image/types.ts';
import { BellwetherError } from '../protocol/errors.ts';
import type { CheckRequest } from '../protocol/messages.ts';
import type { ReadImage } from './gather-facts.ts';
import type { RequestMemory } from './request-memory.ts';
import type { Target } from './select-targets.ts';

/** What was read for a request: one image a target, in their order, and all images that can be compared with. */
export interface ReadTargets {
  readonly images: readonly ReadImage[];
  readonly siblings: BootFacts['siblings'];
}

/**
 * Reads what the targets load, side by side; the same images once. An image that is absent or cannot be opened is
 * told, not thrown: that is a fact about the boot, and the rules judge it.
 * @throws BellwetherError `image_unreadable`, `baseline_absent` for a file that the request itself names
 */
export async function readTargets(
  host: Pick<HostFacts, 'root' | 'loader'>,
  targets: readonly Target[],
  params: Pick<CheckRequest['params'], 'image' | 'baseline'>,
  signal: AbortSignal,
  memory: RequestMemory,
): Promise<ReadTargets> {
  const tree = openTree(host.root, []);
  const baseline = baselinePath(host.loader, tree, params.baseline);
  const read: Read = (paths) => memory.read(paths, signal);
  const [images, compared] = await Promise.all([
    Promise.all(
      targets.map((target) =>
        params.image === undefined ? readPaths(tree, target.images, read) : readAsked(params.image, read),
      ),
    ),
    baseline === null ? null : readBaseline(baseline, read),
  ]);
  return {
    images,
    siblings: [...images.flatMap(toSibling), ...(compared === null ? [] : [siblingOf('baseline', compared)])],
  };
}

type Read = (paths: readonly string[]) => Promise<ImageFacts>;

/** One file that the request names, by its path on this machine. */
async function readAsked(path: string, read: Read): Promise<ReadImage> {
  return { facts: await read([path]), error: null };
}

/** What holds nothing at all is compared with nothing. */
async function readBaseline(path: string, read: Read): Promise<ImageFacts> {
  const facts = await read([path]);
  if (facts.tree.entries.size > 0) return facts;
  const why = facts.problems[0]?.detail ?? 'nothing is in it';
  throw new BellwetherError('image_unreadable', `the baseline ${path} is no image: ${why}`, {
    hint: 'name an image file as the baseline',
    at: { path },
  });
}

async function readPaths(tree: HostTree, paths: readonly string[], read: Read): Promise<ReadImage> {
  const found: { readonly path: string; readonly outside: string }[] = [];
  let error: ReadImage['error'] = null;
  for (const path of paths) {
    const outside = tree.outside(path);
    if (outside === null) error ??= { path, kind: 'absent', reason: 'no such file' };
    else found.push({ path, outside });
  }
  if (found.length === 0) return { facts: null, error };
  try {
    const facts = await read(found.map(({ outside }) => outside));
    // Told by the host's own paths, wherever its root lies on this machine.
    const files = facts.files.map((file, index) => ({ ...file, path: found[index]?.path ?? file.path }));
    return { facts: { ...facts, files }, error };
  } catch (cause) {
    if (!(cause instanceof BellwetherError) || cause.code !== 'image_unreadable') throw cause;
    return { facts: null, error: error ?? { path: paths[0] ?? '', kind: 'unreadable', reason: cause.message } };
  }
}

/** Where the image to compare with lies on this machine; null where none is asked for. */
function baselinePath(loader: HostFacts['loader'], tree: HostTree, baseline: string | undefined): string | null {
  if (baseline === undefined) return null;
  if (baseline !== 'rescue') return baseline;
  const rescue = loader.entries.find((entry) => entry.rescue)?.initrds[0]?.path ?? null;
  const path = rescue === null ? null : tree.outside(rescue);
  if (path !== null) return path;
  throw new BellwetherError(
    'baseline_absent',
    `"params.baseline" is "rescue", but ${rescue === null ? 'no boot entry is a rescue entry' : `${rescue} is not there`}`,
    {
      hint: 'name an image file as the baseline',
    },
  );
}

function toSibling(image: ReadImage): BootFacts['siblings'] {
  return image.facts === null ? [] : [siblingOf('sibling', image.facts)];
}

function siblingOf(role: 'sibling' | 'baseline', facts: ImageFacts): BootFacts['siblings'][number] {
  const [file] = facts.files;
  return {
    path: file?.path ?? '',
    role,
    modules: facts.modules.length,
    size: facts.files.reduce((sum, { size }) => sum + size, 0),
  };
}
