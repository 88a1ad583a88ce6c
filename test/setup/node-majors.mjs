// @ts-check
// Every Node major that the bundle promises to run on, as npm packages the binaries.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cachePath } from './cache.mjs';
import { run, runOnline } from './command.mjs';

export const MAJORS = /** @type {const} */ ([16, 18, 20, 22, 24, 26]);
/** Those that hosts still have, and on which it must say that it does not run: EL 8 has 10 where nobody chose another. */
export const TOO_OLD = /** @type {const} */ ([10, 14]);
const ARCH = process.arch === 'arm64' ? 'arm64' : 'x64';

/** @param {number} major */
export const recipe = (major) => `npm pack node-linux-${ARCH}@${major}`;

/**
 * Where the binary of a major lies.
 * @param {number} major
 */
export const nodePath = (major) => cachePath('node', String(major), 'bin', 'node');

/** @param {number} major */
export function isDone(major) {
  return existsSync(nodePath(major));
}

/** @param {number} major */
export async function make(major) {
  const dir = cachePath('node', String(major));
  const work = `${dir}.part`;
  rmSync(work, { recursive: true, force: true });
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  await runOnline('npm', ['pack', '--silent', '--pack-destination', work, `node-linux-${ARCH}@${major}`]);
  const [tarball] = readdirSync(work);
  if (tarball === undefined) throw new Error(`npm pack left no node-linux-${ARCH}@${major}`);
  await run('tar', ['-xzf', join(work, tarball), '-C', work, '--strip-components=1', 'package/bin/node']);
  rmSync(join(work, tarball));
  renameSync(work, dir);
}
