import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { readHost } from '../../host/read-host.ts';
import { openTree } from '../../host/tree.ts';
import type { HostFacts } from '../../host/types.ts';
import { BellwetherError } from '../../protocol/errors.ts';
import { errorCode } from '../../system/error-code.ts';
import { packageReader } from '../read-packages.ts';
import { makeRoom } from '../rebuilding/make-room.ts';
import { oldKernels } from '../rebuilding/old-kernels.ts';

/**
 * The same error; where it is a full file system, whoever told it, with the old kernels that a person may give up for room there
 * (`at.folder`, a path on the host). The host is read as it is by then, whether or not the request's time is up.
 */
export async function withOldKernels(root: string, error: unknown): Promise<unknown> {
  if (!(error instanceof BellwetherError) || error.code !== 'boot_full') return error;
  const folder = error.at?.folder;
  if (typeof folder !== 'string') return error;
  try {
    const host = await readHost(root, { select: () => [], packages: packageReader() });
    return error.saying(makeRoom(oldKernels(host).filter(hasImageOn(host, folder))));
  } catch (unread) {
    if (!(unread instanceof BellwetherError) && errorCode(unread) === null) throw unread;
    return error.saying({ words: [`which old kernels may go for it cannot be told: ${String(unread)}`] });
  }
}

/** Of what lies on another file system nothing is gained. Folders are asked: on overlays files may be of another device. */
function hasImageOn({ root, kernels }: HostFacts, folder: string): (kernel: string) => boolean {
  const tree = openTree(root, []);
  const device = (path: string): number | null => {
    const outside = tree.outside(path);
    return outside === null ? null : statSync(outside).dev;
  };
  const full = device(folder);
  const isThere = (path: string): boolean => full !== null && device(dirname(tree.real(path) ?? path)) === full;
  return (kernel) => kernels.some((each) => each.kernel === kernel && each.images.some(isThere));
}
