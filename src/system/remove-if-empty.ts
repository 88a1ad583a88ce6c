import { rmdir } from 'node:fs/promises';
import { errorCode } from './error-code.ts';

/** What rmdir(2) says of a folder that holds something, and of one that is not there. */
const LEFT_ALONE: ReadonlySet<string | null> = new Set(['ENOTEMPTY', 'EEXIST', 'ENOENT']);

/** Removes a folder that nothing is left in; any other stays. */
export async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!LEFT_ALONE.has(errorCode(error))) throw error;
  }
}
