import { copyFile, mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUNDLE } from '../setup/build.mjs';

const below = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** What a site puts into its `file_roots`. */
export const SALT_FILES = below('salt');
/** The examples that a site starts from. */
export const EXAMPLES = below('examples/salt');

/** A second folder for `file_roots`, with the executable where the formula looks for it. Ends with `folder`. */
export async function makeFileRoot(folder: string): Promise<string> {
  const root = await mkdtemp(join(folder, 'files-'));
  await mkdir(join(root, 'bellwether'));
  await copyFile(BUNDLE, join(root, 'bellwether', 'bellwether.cjs'));
  return root;
}
