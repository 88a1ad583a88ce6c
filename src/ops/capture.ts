import { writeCapture } from '../host/capture/write-capture.ts';
import type { HostTree } from '../host/tree.ts';
import type { HostFacts } from '../host/types.ts';
import { BellwetherError } from '../protocol/errors.ts';
import type { InspectRequest } from '../protocol/messages.ts';
import { comparePrograms } from './compare-programs.ts';
import { gatherFacts } from './gather-facts.ts';
import { readTargets } from './read-images.ts';
import { packageReader } from './read-packages.ts';
import { RequestMemory } from './request-memory.ts';
import { selectTargets, type Target } from './select-targets.ts';

/** What a capture took, by the host's own paths. */
export interface Captured {
  readonly kernels: readonly string[];
  readonly images: readonly string[];
}

/**
 * Writes what judging the selected kernels reads to a new tar file, for another machine to judge to the same answer.
 * @param withImages whether the images go with it; without them, what is in them is unknown there
 * @param interrupted aborted where the process is asked to end: what was written is removed
 * @throws BellwetherError as `readHost` and `writeCapture` do; `interrupted`
 */
export async function capture(
  request: Pick<InspectRequest, 'root' | 'params'>,
  file: string,
  withImages: boolean,
  interrupted: AbortSignal,
): Promise<Captured> {
  let taken: Captured = { kernels: [], images: [] };
  let targets: readonly Target[] = [];
  const ending = new AbortController();
  const end = (): void => {
    ending.abort(
      new BellwetherError(
        'interrupted',
        `the capture was ended by ${String(interrupted.reason)}, and ${file} is removed`,
      ),
    );
  };
  interrupted.addEventListener('abort', end);
  if (interrupted.aborted) end();
  await writeCapture(request.root, file, {
    signal: ending.signal,
    packages: packageReader(ending.signal),
    select: (host) => {
      targets = selectTargets(host, request.params.kernels);
      taken = {
        kernels: targets.map(({ kernel }) => kernel),
        images: withImages ? [...new Set(targets.flatMap(({ images }) => images))] : [],
      };
      return taken;
    },
    prove: (host, tree) => prove(host, tree, targets, ending.signal),
  });
  return taken;
}

/** What judging asks of the host beside reading it: of its programs, where an image carries no checksum. */
async function prove(host: HostFacts, tree: HostTree, targets: readonly Target[], signal: AbortSignal): Promise<void> {
  const { images } = await readTargets(host, targets, {}, signal, new RequestMemory());
  for (const [index, target] of targets.entries()) {
    const image = images[index];
    if (image !== undefined) await comparePrograms(gatherFacts(host, target, image, [], null), signal, tree);
  }
}
