// @ts-check
// A throwaway host: an overlay of this machine's root, or of another system's folder, in mount and pid namespaces of its
// own. Nothing lasts.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CACHE } from './cache.mjs';

const TOP = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Runs as the first process of the new namespaces and ends, with all that it holds, when its stdin is closed. */
const HOLD = `
set -eu
lab=$1 lower=$2; shift 2
IFS=' ' read -r pid _ < /proc/self/stat # the pid that the machine outside knows us by
mount -t tmpfs -o mode=755 lab "$lab"
mkdir "$lab/upper" "$lab/work" "$lab/root"
mount -t overlay lab -o "lowerdir=$lower,upperdir=$lab/upper,workdir=$lab/work" "$lab/root"
cd "$lab/root"
mount --rbind /dev dev
mount -t proc proc proc
mount -t sysfs sysfs sys 2>/dev/null || mount --rbind /sys sys
for dir in run tmp var/tmp; do mount -t tmpfs -o mode=1777 lab "$dir"; done
for kept; do
  if [ -d "$kept" ]; then mkdir -p ".$kept"; else mkdir -p ".\${kept%/*}"; [ -e ".$kept" ] || : > ".$kept"; fi
  mount --bind "$kept" ".$kept"; mount -o remount,bind,ro ".$kept"
done
# Ready only once the root is changed: until then /proc/PID/root is the machine's own.
# The shell stays: the first process of a PID namespace has to bury its orphans.
exec chroot . /bin/sh -c "echo ready $pid; cat; exit"
`;

/** Why no throwaway host can be started here, or null. Nothing is tried: root on Linux is what it takes. */
export function whyNoOverlay() {
  if (process.platform !== 'linux') return 'throwaway hosts need Linux';
  if (process.getuid?.() !== 0) return 'throwaway hosts need root';
  return null;
}

/**
 * @typedef {{status: number | null, signal: string | null, stdout: string, stderr: string}} Outcome
 * @typedef {{env?: Record<string, string>, input?: string | Buffer, timeout?: number, uid?: number}} RunOptions
 *   `timeout` in milliseconds, 120,000 unless told
 * @typedef {{
 *   path: (inside: string) => string,
 *   tryRun: (file: string, args?: readonly string[], options?: RunOptions) => Promise<Outcome>,
 *   run: (file: string, args?: readonly string[], options?: RunOptions) => Promise<string>,
 *   sh: (script: string, options?: RunOptions) => Promise<string>,
 * }} OverlayHost
 */

/**
 * Starts a throwaway host, hands it to `use`, and takes it down whatever happens.
 * The checkout, the cache and the running Node are visible inside at their own paths, read-only.
 * @template T
 * @param {(host: OverlayHost) => Promise<T>} use
 * @param {string} [lower] the folder that holds the host's root; this machine's own unless told
 * @returns {Promise<T>}
 */
export async function withOverlay(use, lower = '/') {
  const reason = whyNoOverlay();
  if (reason !== null) throw new Error(reason);
  mkdirSync(CACHE, { recursive: true });
  const lab = mkdtempSync(join(tmpdir(), 'bellwether-lab-'));
  // A Node of the distribution's lies among its programs: in another system it alone is laid among theirs.
  const node = lower === '/' ? dirname(dirname(process.execPath)) : process.execPath;
  const kept = [TOP, CACHE, node].filter((path) => path !== '/usr' && path !== '/');
  const namespaces = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private'];
  const holder = spawn('unshare', [...namespaces, 'bash', '-c', HOLD, 'lab', lab, lower, ...kept]);
  let trouble = '';
  holder.stderr.setEncoding('utf8').on('data', (text) => (trouble += text));
  holder.stdin.on('error', () => undefined); // the holder ended first: its exit tells
  const ended = new Promise((resolve) => holder.on('close', resolve));
  try {
    const pid = await new Promise((resolve, reject) => {
      holder.on('error', reject);
      holder.on('close', () => reject(new Error(`no throwaway host: ${trouble.trim()}`)));
      holder.stdout.setEncoding('utf8').on('data', (text) => {
        const ready = /ready (\d+)/.exec(text);
        if (ready) resolve(Number(ready[1]));
      });
    });
    return await use(hostOf(Number(pid)));
  } finally {
    holder.stdin.end();
    const patience = setTimeout(() => holder.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(patience);
    rmSync(lab, { recursive: true, force: true });
  }
}

/**
 * @param {number} pid of a process whose root is the host's
 * @returns {OverlayHost}
 */
function hostOf(pid) {
  /** @type {OverlayHost['tryRun']} */
  const tryRun = (file, args = [], { env = {}, input = '', timeout = 120_000, uid } = {}) =>
    new Promise((resolve, reject) => {
      const as = uid === undefined ? [] : [`--setuid=${uid}`, `--setgid=${uid}`];
      const child = spawn(
        'nsenter',
        [`--target=${pid}`, '--mount', '--pid', '--root', '--wd', ...as, '--', file, ...args],
        {
          env: {
            PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
            LC_ALL: 'C.UTF-8',
            HOME: '/root',
            ...env,
          },
          timeout,
          killSignal: 'SIGKILL',
        },
      );
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
      child.stdin.on('error', () => undefined); // a program need not read what it is given
      child.stdin.end(input);
      child.on('error', reject);
      child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
    });
  /** @type {OverlayHost['run']} */
  const run = async (file, args, options) => {
    const { status, signal, stdout, stderr } = await tryRun(file, args, options);
    if (status === 0) return stdout;
    const end = `${stdout}\n${stderr}`.trim().split('\n').slice(-20).join('\n');
    throw new Error(`${[file, ...(args ?? [])].join(' ')} ended with ${signal ?? status}\n${end}`);
  };
  return {
    path: (inside) => `/proc/${pid}/root${inside}`,
    tryRun,
    run,
    sh: (script, options) => run('/bin/bash', ['--norc', '-euo', 'pipefail', '-c', script], options),
  };
}
