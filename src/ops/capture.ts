import { writeCapture } from '../host/capture/write-capture.ts';
import type { InspectRequest } from '../protocol/messages.ts';
import { packageReader } from './read-packages.ts';
import { selectTargets } from './select-targets.ts';

/** What a capture took, by the host's own paths. */
export interface Captured {
  readonly kernels: readonly string[];
  readonly images: readonly string[];
}

/**
 * Writes what judging the selected kernels reads to a new tar file, for another machine to judge to the same answer.
 * @param withImages whether the images go with it; without them, what is in them is unknown there
 * @throws BellwetherError as `readHost` and `writeCapture` do
 */
export async function capture(
  request: Pick<InspectRequest, 'root' | 'params'>,
  file: string,
  withImages: boolean,
): Promise<Captured> {
  let taken: Captured = { kernels: [], images: [] };
  await writeCapture(request.root, file, {
    packages: packageReader(),
    select: (host) => {
      const targets = selectTargets(host, request.params.kernels);
      taken = {
        kernels: targets.map(({ kernel }) => kernel),
        images: withImages ? [...new Set(targets.flatMap(({ images }) => images))] : [],
      };
      return taken;
    },
  });
  return taken;
}
