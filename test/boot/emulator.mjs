// @ts-check
// QEMU with its console read: until the guest ends by itself, somebody stops it, its time is up, or it waits for nothing.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * @typedef {'time' | 'idle' | 'clock'} Cut why a guest was cut off: this machine's time is up; it has long done nothing;
 *   its own clock is up
 * @typedef {{lines: string[], cut: Cut | null, seconds: number}} Run `lines` of its console, `cut` null: it ended or was stopped
 * @typedef {{stop: () => void, type: (keys: string) => void}} Guest
 * @typedef {object} Watch
 * @property {number} limit seconds of this machine
 * @property {RegExp} [lineEnd]
 * @property {(line: string, guest: Guest) => void} [onLine]
 * @property {(text: string, rest: string, guest: Guest) => void} [onText] after the lines in it; `rest`: what no line end
 *   has followed yet
 * @property {boolean} [untilIdle] a guest that has said and done nothing for longer than any wait of a boot is cut off
 * @property {number | null} [clockLimit] seconds of the guest's own clock, for one that counts instructions
 */

/** What every guest gets: processors are emulated, the console is a serial line, no network. */
const MACHINE = [
  ...['-M', 'q35', '-accel', 'tcg', '-cpu', 'qemu64,-cx16'],
  ...['-nographic', '-no-reboot', '-nodefaults', '-serial', 'stdio', '-nic', 'none'],
];

/**
 * A clock that counts the guest's own instructions and skips what it would sleep: no guest runs out of time that a busy
 * machine never gave it. A third more work for the emulator.
 */
const COUNTED = ['-icount', 'shift=0,sleep=off', '-rtc', 'base=2024-01-01,clock=vm'];
const CLOCK_STARTS = Date.UTC(2024, 0, 1);

/** Longer than the 90 s that systemd gives a device or a service, and the 30 s of both generators. */
const IDLE_S = 120;
/** The share of a processor that a guest's idle ticks stay below. */
const IDLE_SHARE = 0.05;
const LOOK_EVERY_MS = 5000;

/**
 * A disk of a guest; what is written to it is thrown away.
 * @param {string} file
 * @param {number} at
 * @param {{keeps?: boolean}} [how] `keeps`: what the guest writes stays on the disk
 */
export const drive = (file, at = 0, { keeps = false } = {}) => [
  '-drive',
  `file=${file},if=none,id=d${at},format=raw,snapshot=${keeps ? 'off' : 'on'}`,
];

/** Of this process. */
const starts = { guests: 0, since: 0 };

/** How many guests this process has started, and how fast: one line to end a run with. */
export function pace() {
  const minutes = (performance.now() - starts.since) / 60_000;
  return starts.guests === 0
    ? 'nothing was booted'
    : `${starts.guests} boots in ${minutes.toFixed(1)} minutes: ${(starts.guests / minutes).toFixed(1)} boots a minute`;
}

/**
 * @param {readonly string[]} args
 * @param {Watch} watch
 * @returns {Promise<Run>}
 */
export async function emulate(args, watch) {
  if (starts.guests === 0) starts.since = performance.now();
  starts.guests += 1;
  const work = mkdtempSync(join(tmpdir(), 'bellwether-qemu-'));
  try {
    return await watched(args, watch, join(work, 'qmp'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * @param {readonly string[]} args
 * @param {Watch} watch
 * @param {string} socket
 * @returns {Promise<Run>}
 */
function watched(args, { limit, lineEnd = /\r?\n/, onLine, onText, untilIdle = false, clockLimit = null }, socket) {
  const started = performance.now();
  const clock = clockLimit === null ? [] : [...COUNTED, '-qmp', `unix:${socket},server=on,wait=off`];
  const child = spawn('nice', ['-n', '19', 'qemu-system-x86_64', ...MACHINE, ...clock, ...args]);
  return new Promise((resolve, reject) => {
    /** @type {string[]} */
    const lines = [];
    /** @type {Cut | null} */
    let cut = null;
    let [rest, trouble] = ['', ''];
    const stop = () => void child.kill('SIGKILL');
    const cutOff = (/** @type {Cut} */ why) => {
      cut ??= why;
      stop();
    };
    const guest = { stop, type: (/** @type {string} */ keys) => void child.stdin.write(keys) };
    const idle = idleOf(child.pid ?? 0);
    const timer = setTimeout(() => cutOff('time'), limit * 1000);
    const looks = setInterval(() => {
      if (untilIdle && idle.isIt()) cutOff('idle');
      if (clockLimit !== null) void clockOf(socket).then((now) => now > clockLimit && cutOff('clock'));
    }, LOOK_EVERY_MS);
    child.stdin.on('error', () => undefined); // it ended meanwhile: its exit tells
    child.stderr.setEncoding('latin1').on('data', (text) => (trouble += text));
    child.stdout.setEncoding('latin1').on('data', (text) => {
      idle.spoke();
      const parts = (rest + text).split(lineEnd);
      rest = parts.pop() ?? '';
      for (const line of parts) {
        lines.push(line);
        onLine?.(line, guest);
      }
      onText?.(text, rest, guest);
    });
    child.on('error', reject);
    child.on('close', (status) => {
      clearTimeout(timer);
      clearInterval(looks);
      if (lines.length === 0) return reject(new Error(`QEMU (${status}) printed nothing: ${trouble.trim()}`));
      resolve({ lines, cut, seconds: (performance.now() - started) / 1000 });
    });
  });
}

/**
 * Tells a guest that waits for nothing from one that a busy machine starves: the kernel counts the time that its threads
 * ran and the time that they waited for a processor. What it has used is asked for when it is looked at, not at each word.
 * @param {number} pid
 */
function idleOf(pid) {
  let since = performance.now();
  /** @type {number | null} */
  let used = null;
  const spoke = () => {
    since = performance.now();
    used = null;
  };
  return {
    spoke,
    isIt() {
      const now = wantedBy(pid);
      used ??= now;
      if (now - used > IDLE_SHARE * Math.max(performance.now() - since, IDLE_S * 1000)) spoke();
      return performance.now() - since > IDLE_S * 1000;
    },
  };
}

/**
 * Milliseconds that a process's threads have run or waited to run (Linux: Documentation/scheduler/sched-stats.rst).
 * @param {number} pid
 */
function wantedBy(pid) {
  let sum = 0;
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const [ran = 0, waited = 0] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')
        .split(' ')
        .map(Number);
      sum += (ran + waited) / 1e6;
    }
  } catch {
    // It, or a thread of it, ended meanwhile: what was counted so far will do.
  }
  return sum;
}

/**
 * Seconds that have passed on the guest's own clock; 0 while QEMU does not say.
 * @param {string} socket of its monitor
 * @returns {Promise<number>}
 */
function clockOf(socket) {
  return new Promise((resolve) => {
    let told = '';
    const monitor = connect(socket, () =>
      monitor.write(
        '{"execute":"qmp_capabilities"}\n{"execute":"qom-get","arguments":{"path":"/machine","property":"rtc-time"}}\n',
      ),
    );
    monitor.setTimeout(LOOK_EVERY_MS, () => monitor.destroy());
    monitor.on('error', () => undefined); // too early or too late: asked again
    monitor.on('data', (data) => {
      told += String(data);
      if (told.includes('tm_year')) monitor.destroy();
    });
    monitor.on('close', () => {
      const date = Object.fromEntries(
        [...told.matchAll(/"tm_(\w+)": (\d+)/g)].map(([, unit, value]) => [unit, Number(value)]),
      );
      const { year, mon, mday, hour, min, sec } = date;
      const now = year === undefined ? CLOCK_STARTS : Date.UTC(1900 + year, mon, mday, hour, min, sec);
      resolve((now - CLOCK_STARTS) / 1000);
    });
  });
}
