// @ts-check
// The truth with a loader in it: QEMU's firmware starts the disk, the disk's loader chooses and loads, the kernel boots.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ARRIVED, LOST, clean, outcomeOf } from '../oracle.mjs';
import { part } from './parts.mjs';

/** @typedef {import('../oracle.mjs').Outcome} Outcome */
/** @typedef {{disk: string, firmware: 'efi' | 'bios'}} Machine */

/** What a loader says when it cannot do as it was told. */
const LOADER_ERROR =
  /^(?:error: .*|.*Error (?:loading|preparing|opening|reading).*|.*Failed to .*|.*Unable to .*|Bad kernel image.*)/;
/** The kernel, or the first program of its image: what fails from now on is no loader. */
const KERNEL_RUNS = /^\[ *\d+\.\d{6}\]|Starting systemd-udevd|bellwether lab:/;
/** No amount of time would have changed it. */
const DECISIVE = /Kernel panic - not syncing: (?:Attempted to kill init|No working init|VFS: Unable)/;
/** Nothing is left to be tried: the firmware found no loader, or a prompt waits. */
const GAVE_UP =
  /BdsDxe: No bootable option|UEFI Interactive Shell|Shell>|grub rescue>|Minimal BASH-like line editing|No bootable device|Boot failed: could not read|EFI stub: ERROR/;
/** A menu, shown again once its entry failed: no countdown runs any more. */
const MENU = /GNU GRUB\s+version/;
/** Seconds without a word after a loader's error, and after its menu came back: it waits for a key. */
const SILENCE_S = { error: 120, menu: 40 };
const LIMIT_S = 1500;
const TIME_IS_UP = 'time is up';

/**
 * Boots. Who arrives has proven it, and so has a kernel that lost its init; anything else is seen twice before it counts.
 * @param {Machine} machine
 * @returns {Promise<Outcome>}
 */
export async function startTwice(machine) {
  const first = await start(machine);
  if (first.boots === true || (first.boots === false && DECISIVE.test(first.line))) return first;
  const second = await start(machine);
  const hangs = first.line === TIME_IS_UP && second.line === TIME_IS_UP;
  return hangs ? { ...second, boots: false, line: `hangs: ${TIME_IS_UP}, twice` } : second;
}

/**
 * @param {Machine} machine
 * @param {{onLine?: (line: string) => void, stopOnArrival?: boolean}} [options]
 * @returns {Promise<Outcome>}
 */
export async function start({ disk, firmware }, { onLine = () => undefined, stopOnArrival = true } = {}) {
  const work = mkdtempSync(join(tmpdir(), 'bellwether-start-'));
  try {
    return await watch([...MACHINE, ...firmwareOf(firmware, work), ...diskOf(disk)], onLine, stopOnArrival);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const MACHINE = [
  ...[
    '-n',
    '19',
    'qemu-system-x86_64',
    '-M',
    'q35',
    '-accel',
    'tcg',
    '-cpu',
    'qemu64,-cx16',
    '-smp',
    '1',
    '-m',
    '1024',
  ],
  ...['-nographic', '-no-reboot', '-nodefaults', '-serial', 'stdio', '-nic', 'none'],
];

/**
 * @param {Machine['firmware']} firmware
 * @param {string} work
 */
function firmwareOf(firmware, work) {
  if (firmware === 'bios') return [];
  const variables = join(work, 'variables');
  copyFileSync(part('usr/share/OVMF/OVMF_VARS_4M.fd'), variables);
  return [
    ...['-drive', `if=pflash,format=raw,readonly=on,file=${part('usr/share/OVMF/OVMF_CODE_4M.fd')}`],
    ...['-drive', `if=pflash,format=raw,file=${variables}`],
  ];
}

/** @param {string} disk */
const diskOf = (disk) => [
  ...['-drive', `file=${disk},if=none,id=d0,format=raw,snapshot=on`],
  ...['-device', 'virtio-blk-pci,drive=d0,bootindex=0'],
];

/**
 * @param {readonly string[]} args
 * @param {(line: string) => void} onLine
 * @param {boolean} stopOnArrival
 * @returns {Promise<Outcome>}
 */
function watch(args, onLine, stopOnArrival) {
  const started = performance.now();
  const child = spawn('nice', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    /** @type {string[]} */
    const lines = [];
    let [rest, trouble, late, runs, said, menu, end] = ['', '', false, false, '', false, ''];
    const stop = () => child.kill('SIGKILL');
    const timer = setTimeout(() => {
      late = true;
      stop();
    }, LIMIT_S * 1000);
    /** @type {NodeJS.Timeout | undefined} */
    let silence;
    child.stderr.setEncoding('latin1').on('data', (text) => (trouble += text));
    child.stdout.setEncoding('latin1').on('data', (text) => {
      // Loaders move the cursor about instead of ending lines.
      const parts = (rest + text).split(/\r?\n|\r|\u001b\[[0-9;]*[HJ]/);
      rest = parts.pop() ?? '';
      for (const part of parts) {
        const line = clean(part);
        if (line === '') continue;
        lines.push(line);
        onLine(part.replace(/\u0000/g, ''));
        runs ||= KERNEL_RUNS.test(line);
        if (said === '' && !runs && LOADER_ERROR.test(line)) said = line;
        menu ||= said !== '' && MENU.test(line);
        if ((line.includes(ARRIVED) && stopOnArrival) || LOST.some((sign) => sign.test(line))) stop();
      }
      // A prompt ends no line.
      end ||= [...parts, rest].map((part) => GAVE_UP.exec(clean(part))?.[0] ?? '').find((found) => found !== '') ?? '';
      if (end !== '') stop();
      clearTimeout(silence);
      if (said !== '' && !runs && stopOnArrival) silence = setTimeout(stop, SILENCE_S[menu ? 'menu' : 'error'] * 1000);
    });
    child.on('error', reject);
    child.on('close', (status) => {
      for (const pending of [timer, silence]) clearTimeout(pending);
      const seconds = (performance.now() - started) / 1000;
      if (lines.length === 0) return reject(new Error(`QEMU (${status}) printed nothing: ${trouble.trim()}`));
      const outcome = outcomeOf(lines, late);
      // What the loader said comes first; where a kernel ran all the same, its end decides.
      const told = runs ? [said, outcome.line] : [said || end || outcome.line];
      const line = outcome.boots === false ? told.filter(Boolean).join('; ') : outcome.line;
      resolve({ boots: outcome.boots, line: line.slice(0, 200), seconds });
    });
  });
}
