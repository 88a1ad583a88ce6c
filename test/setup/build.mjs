// @ts-check
// The bundle that every suite but the unit tests runs. Quick, so it is built each time.
import { fileURLToPath } from 'node:url';
import { run } from './command.mjs';

export const BUNDLE = fileURLToPath(new URL('../../dist/bellwether.cjs', import.meta.url));

export async function make() {
  await run(process.execPath, ['scripts/build.mjs'], { cwd: fileURLToPath(new URL('../..', import.meta.url)) });
}
