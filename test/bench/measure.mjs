// @ts-check
// Runs one command and says how long it took and how much memory its first process had at most.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** @typedef {{seconds: number, peakMiB: number | null, status: number | null}} Measured */

/**
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{memory?: boolean}} [options] `memory`: watch it, which costs a little time
 * @returns {Promise<Measured>} rejects where the command cannot be started
 */
export function measure(file, args, { memory = false } = {}) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'ignore'] });
    /** @type {number | null} */
    let peakMiB = null;
    const look = () => {
      try {
        const kib = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'latin1'))?.[1];
        if (kib !== undefined) peakMiB = Number(kib) / 1024;
      } catch {
        // it has ended: what was seen last stands
      }
    };
    const watch = memory ? setInterval(look, 5) : undefined;
    child.on('error', reject);
    child.on('exit', (status) => {
      clearInterval(watch);
      resolve({ seconds: (performance.now() - start) / 1000, peakMiB, status });
    });
  });
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
