// @ts-check
// Where set-up steps keep what they made, and how a test learns that a step has not been done.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const { BELLWETHER_CACHE, XDG_CACHE_HOME } = process.env;

/** The folder of everything big, outside the tree. */
export const CACHE = BELLWETHER_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'bellwether');

/**
 * A path in the cache.
 * @param {...string} parts
 */
export function cachePath(...parts) {
  return join(CACHE, ...parts);
}

/** @param {string} step */
const stampPath = (step) => cachePath('stamps', `${step}.json`);

/**
 * What is known of a step: the recipe it was done by, or why it could not be done.
 * @param {string} step
 * @returns {{recipe?: string, reason?: string}}
 */
export function readStamp(step) {
  try {
    return JSON.parse(readFileSync(stampPath(step), 'utf8'));
  } catch {
    return {}; // absent or cut short: not done
  }
}

/**
 * @param {string} step
 * @param {{recipe: string} | {reason: string}} stamp
 */
export function writeStamp(step, stamp) {
  mkdirSync(cachePath('stamps'), { recursive: true });
  writeFileSync(stampPath(step), `${JSON.stringify(stamp)}\n`);
}

/**
 * Why what these set-up steps make cannot be had here, or null where all of them are done.
 * @param {...string} steps
 * @returns {string | null}
 */
export function whyNot(...steps) {
  for (const step of steps) {
    const { recipe, reason } = readStamp(step);
    if (recipe === undefined) return reason ?? `not set up (node test/setup/setup.mjs ${step})`;
  }
  return null;
}

/**
 * Keeps two processes from doing the same step at once. The holder's pid is in the lock, so one that died is passed over.
 * @template T
 * @param {string} step
 * @param {() => Promise<T>} work
 */
export async function withLock(step, work) {
  const lock = cachePath('locks', step);
  mkdirSync(dirname(lock), { recursive: true });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
      if (!holderLives(lock)) rmSync(lock, { force: true });
      else await sleep(500);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** @param {string} lock */
function holderLives(lock) {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return true;
  } catch {
    return false;
  }
}
