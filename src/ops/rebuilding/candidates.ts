import { openTree } from '../../host/tree.ts';
import { BellwetherError } from '../../protocol/errors.ts';
import type { Judged } from '../look.ts';
import type { Site } from '../mending/with-site.ts';
import { chooseRebuild } from './choose-images.ts';
import { judgeAlone, type JudgedImage } from './image-state.ts';
import { keepArguments, keepCompression } from './keep.ts';
import { imagesToBuild, mainImages } from './main-images.ts';
import type { Candidate, RebuildOptions } from './types.ts';

/**
 * The images of one kernel that a generator makes, each with what is known of it. Whether they are rebuilt is decided
 * for all images of an entry together, since the kernel sees them as one.
 */
export async function findCandidates(
  judged: Judged,
  options: RebuildOptions,
  site: Site,
): Promise<readonly Candidate[]> {
  const { facts, judgement, target } = judged;
  const choice = chooseRebuild(judgement.findings, options.when);
  const paths = pathsOf(judged, choice.rebuild);
  const candidates: Candidate[] = [];
  for (const path of paths) {
    const old = paths.length === 1 ? aloneOf(judged, path) : await readAlone(judged, path, site);
    candidates.push({
      ...choice,
      kernel: target.kernel,
      path,
      before: old?.state ?? null,
      faults: old?.faults ?? [],
      mendable: old?.mendable ?? [],
      ...keepArguments(facts, options.hostonly),
      compress: options.compress === 'keep' ? keepCompression(facts, path) : options.compress,
    });
  }
  return candidates;
}

/** An entry without an image is refused later on; a kernel that no entry names gets its image where it belongs. */
function pathsOf(judged: Judged, rebuild: boolean): readonly string[] {
  return rebuild ? imagesToBuild(judged) : mainImages(judged);
}

/** The only image of its kind: what was read is that, but for microcode beside it. */
function aloneOf(judged: Judged, path: string): JudgedImage | null {
  const file = judged.facts.image?.files.find((each) => each.path === path);
  const alone = file === undefined ? null : judgeAlone(judged);
  return file === undefined || alone === null ? null : { ...alone, state: { ...alone.state, size: file.size } };
}

/** One file of a kernel, read for itself. Null where it cannot be. */
export async function readAlone(judged: Judged, path: string, site: Site): Promise<JudgedImage | null> {
  const image = openTree(judged.facts.host.root, []).outside(path);
  if (image === null) return null;
  try {
    return judgeAlone(await site.judgeWithImage(judged, image));
  } catch (error) {
    if (error instanceof BellwetherError && error.code === 'image_unreadable') return null;
    throw error;
  }
}
