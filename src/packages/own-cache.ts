import type { Runner } from '../system/runner.ts';
import type { PlannedCommand } from './types.ts';

/**
 * The folder, on the host, of what is downloaded for one transaction where no older download is to be used: what is in the
 * package manager's own cache may be all that there is to mend the host with, and stays until it is known to be needless.
 */
export const OWN_CACHE = '/var/cache/bellwether';

/** `partial` is apt's, which makes none where it does not expect to. */
const RENEW = `rm -rf -- ${OWN_CACHE} && mkdir -p -- ${OWN_CACHE}/partial`;

/**
 * Runs a command of a plan, with that folder new before a download into it, and gone when that failed or when the
 * transaction from it has ended in whatever way.
 */
export async function withOwnCache<T>(
  runner: Runner,
  { action, command }: PlannedCommand,
  run: () => Promise<T>,
): Promise<T> {
  if (!command.some((word) => word.endsWith(OWN_CACHE))) return run();
  // Also where the request was cut off meanwhile.
  const clear = () => runner.run('rm', ['-rf', '--', OWN_CACHE], { outlives: true });
  if (action === 'download') await runner.run('/bin/sh', ['-c', RENEW]);
  let downloaded = false;
  try {
    const result = await run();
    downloaded = action === 'download';
    return result;
  } finally {
    if (!downloaded) await clear();
  }
}
