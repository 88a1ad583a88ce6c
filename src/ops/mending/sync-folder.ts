import { join } from 'node:path';
import { syncForLoader } from '../../system/sync-for-loader.ts';
import type { Site } from './with-site.ts';

/** Of the host, and of the machine that mends it: whoever writes there must not wait. */
const IN_USE = ['', 'usr', 'etc', 'var', 'var/lib', 'var/lib/bellwether', 'var/log', 'var/tmp', 'run', 'tmp', 'home'];

/**
 * Has what was written to a folder of the host where the loader finds it after a crash, too.
 * @param folder as this machine names it
 * @returns what to mind, in words; null where there is nothing
 */
export async function syncFolder(
  { root, tools }: Pick<Site, 'root' | 'tools'>,
  folder: string,
): Promise<string | null> {
  tools.progress({ what: `writing ${folder} to the disk` });
  const why = await syncForLoader(
    folder,
    ['/', root].flatMap((top) => IN_USE.map((name) => join(top, name))),
  );
  if (why === null) return null;
  return `boot loaders replay no journal and may still see what was there before (${why}): let the machine reboot cleanly, do not cut its power`;
}
