/** What of a host is known at once, before the rest of it is read. */
import { realpath } from 'node:fs/promises';
import { BellwetherError } from '../protocol/errors.ts';
import { readPackageManager } from './package-managers.ts';
import { tellOrigin } from './source.ts';
import { line, openTree } from './tree.ts';
import type { HostFacts } from './types.ts';

/**
 * Where the facts of the host at `root` come from, which kernel it runs, and which package manager it has.
 * @throws BellwetherError `root_absent`
 */
export async function tellHost(root: string): Promise<Pick<HostFacts, 'source' | 'running' | 'packageManager'>> {
  const at = await realpath(root).catch((cause: unknown) => {
    throw new BellwetherError('root_absent', `root "${root}" cannot be read`, { at: { path: root }, cause });
  });
  // What cannot be read is put on record where the whole host is read.
  const tree = openTree(at, []);
  const { source } = tellOrigin(tree, at === '/' ? tree : openTree('/', []), at);
  const running = source === 'live' || source === 'captured' ? line(tree, '/proc/sys/kernel/osrelease') : null;
  return { source, running, packageManager: await readPackageManager(tree) };
}
