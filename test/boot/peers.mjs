// @ts-check
// What a user has today instead of a verdict: four ways to look at an image before the reboot, each by the real lsinitrd
// or the file alone. They are told what would help them: how many modules a sound image has, and what drives the disk.
import { existsSync, statSync } from 'node:fs';
import { spawn } from 'node:child_process';

/** The guests' disk, but where a base says otherwise. */
const DRIVER = 'virtio_blk';
/** Of a sound image's modules: fewer are taken for a fault. */
const NEAR = 0.9;

/** By name; each lets an image pass, or not. */
export const PEERS = /** @type {const} */ ({
  'it is there and not empty': (/** @type {Seen} */ { size }) => size > 0,
  'lsinitrd lists it and ends well (as convert2rhel asks)': (/** @type {Seen} */ { status }) => status === 0,
  'it holds about as many modules as a sound one': (/** @type {Seen} */ { names, sound }) =>
    modulesIn(names) >= NEAR * sound,
  "the list names the root's driver": (/** @type {Seen} */ { names }) =>
    names.some((name) => new RegExp(`/${DRIVER}\\.ko(?:\\.\\w+)?$`).test(name)),
});

/** @typedef {{size: number, status: number | null, names: readonly string[], sound: number}} Seen */

/**
 * Which of them would let an image pass.
 * @param {string} image
 * @param {number} sound how many modules the sound image has
 * @returns {Promise<string[]>}
 */
export async function passedBy(image, sound) {
  const size = existsSync(image) ? statSync(image).size : 0;
  const { status, names } = await list(image);
  return Object.entries(PEERS).flatMap(([name, passes]) => (passes({ size, status, names, sound }) ? [name] : []));
}

/** @param {string} image @returns {Promise<number>} */
export async function countModules(image) {
  return modulesIn((await list(image)).names);
}

/** @param {readonly string[]} names */
function modulesIn(names) {
  return names.filter((name) => /\/lib\/modules\/.*\.ko(?:\.\w+)?$/.test(`/${name}`)).length;
}

/** @param {string} image @returns {Promise<{status: number | null, names: string[]}>} */
function list(image) {
  return new Promise((resolve, reject) => {
    const child = spawn('lsinitrd', [image], { stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    child.stdout.setEncoding('latin1').on('data', (text) => (output += text));
    child.on('error', reject);
    child.on('close', (status) => {
      const lines = output.split('\n').filter((line) => /^[-dlcbps][-rwxsStT]{9} /.test(line));
      resolve({ status, names: lines.map((line) => line.trim().split(/\s+/)[8] ?? '') });
    });
  });
}
