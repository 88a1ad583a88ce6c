import { open } from 'node:fs/promises';

/** Settles when what was written to a file, or the names in a folder, is on the disk: fsync(2). */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
