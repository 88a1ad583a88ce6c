// @ts-check
// node_modules as package-lock.json has it.
import { readFileSync } from 'node:fs';
import { runOnline } from './command.mjs';

const TOP = new URL('../../', import.meta.url);

/** @param {string} path */
function readLock(path) {
  try {
    return JSON.parse(readFileSync(new URL(path, TOP), 'utf8')).packages;
  } catch {
    return {}; // absent: nothing is installed
  }
}

/** Whether every package that the lock demands is installed in the version that it names. */
export function isDone() {
  const wanted = readLock('package-lock.json');
  const installed = readLock('node_modules/.package-lock.json');
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '') return true;
    const have = installed[path]?.version;
    return have === version || (have === undefined && optional === true);
  });
}

export async function make() {
  await runOnline('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: new URL('.', TOP).pathname });
}
