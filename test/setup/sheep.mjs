// @ts-check
// git gives every file the time of its checkout, so that a sheep's image may look older than the modules it was made
// from. It was made after them: its time is set to now.
import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SHEEP = fileURLToPath(new URL('../../examples/sheep', import.meta.url));
const IMAGE = /\.img(?:-[^/]*)?$|\/initrd$/;

/**
 * Files, links not followed.
 * @param {string} folder
 * @returns {Generator<string>}
 */
function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

export async function make() {
  const now = new Date();
  for (const sheep of readdirSync(SHEEP, { withFileTypes: true })) {
    if (!sheep.isDirectory()) continue;
    for (const path of filesBelow(join(SHEEP, sheep.name, 'boot'))) if (IMAGE.test(path)) utimesSync(path, now, now);
  }
}
