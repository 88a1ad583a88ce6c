import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { removeIfEmpty } from './remove-if-empty.ts';

/**
 * Where what is built is put together, on the host. Nobody but root can lay anything there beforehand; the name is fixed,
 * so that the next run finds what a killed one left; and it has no "ko" in it, which has cut images short.
 */
export const WORK_FOLDER = '/var/lib/bellwether/build';

/**
 * Makes that folder anew, hands it over, and takes it away with all that is in it.
 * @param state the host's `/var/lib`, as this machine names it
 */
export async function withWorkFolder<T>(state: string, use: (outside: string) => Promise<T>): Promise<T> {
  const outside = join(state, 'bellwether/build');
  await rm(outside, { recursive: true, force: true });
  await mkdir(dirname(outside), { recursive: true, mode: 0o755 });
  await mkdir(outside, { mode: 0o700 });
  try {
    return await use(outside);
  } finally {
    await rm(outside, { recursive: true, force: true, maxRetries: 3 });
    await removeIfEmpty(dirname(outside));
  }
}
