// @ts-check
// The truth with a loader in it: QEMU's firmware starts the disk, the disk's loader chooses and loads, the kernel boots.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drive, emulate } from '../emulator.mjs';
import { ARRIVED, LOST, clean, outcomeOf } from '../oracle.mjs';
import { part } from './parts.mjs';

/** @typedef {import('../oracle.mjs').Outcome} Outcome */
/** `secure efi`: Secure Boot is on, with the keys that machines come with. @typedef {'efi' | 'secure efi' | 'bios'} Firmware */
/** @typedef {{disk: string, firmware: Firmware}} Machine */

/** What a loader says when it cannot do as it was told. */
const LOADER_ERROR =
  /^(?:error: .*|.*Error (?:loading|preparing|opening|reading).*|.*Failed to .*|.*Unable to .*|Bad kernel image.*)/;
/** The kernel, or the first program of its image: what fails from now on is no loader. */
const KERNEL_RUNS = /^\[ *\d+\.\d{6}\]|Starting systemd-udevd|bellwether lab:/;
/** No amount of time would have changed it. */
const DECISIVE = /Kernel panic - not syncing: (?:Attempted to kill init|No working init|VFS: Unable)/;
/**
 * Nothing is left to be tried: the firmware found no loader, a prompt waits, shim wants somebody to press a key, or dracut
 * gave up (where it cannot power off, it tries again for ever).
 */
const GAVE_UP =
  /Warning: Boot has failed\.|BdsDxe: No bootable option|UEFI Interactive Shell|Shell>|grub rescue>|Minimal BASH-like line editing|No bootable device|Boot failed: could not read|EFI stub: ERROR|Verification failed: \(0x1A\) Security Violation/;
/** A menu, shown again once its entry failed: no countdown runs any more. */
const MENU = /GNU GRUB\s+version/;
/** What one line of a loader's may be drawn in. */
const PIECES = 8;
/** Seconds without a word after a loader's error, and after its menu came back: it waits for a key. */
const SILENCE_S = { error: 120, menu: 40 };
const LIMIT_S = 1500;
/** Loaders move the cursor about instead of ending lines. */
const LINE_END = /\r?\n|\r|\u001b\[[0-9;]*[HJ]/;

/**
 * Boots. Who arrives has proven it, and so has a kernel that lost its init; anything else is seen twice before it counts.
 * @param {Machine} machine
 * @returns {Promise<Outcome>}
 */
export async function startTwice(machine) {
  const first = await start(machine);
  if (first.boots === true || (first.boots === false && DECISIVE.test(first.line))) return first;
  return start(machine);
}

/**
 * @param {Machine} machine
 * @param {{onLine?: (line: string) => void, stopOnArrival?: boolean}} [options]
 * @returns {Promise<Outcome>}
 */
export async function start({ disk, firmware }, { onLine = () => undefined, stopOnArrival = true } = {}) {
  const work = mkdtempSync(join(tmpdir(), 'bellwether-start-'));
  try {
    return await watch(
      ['-smp', '1', '-m', '1024', ...firmwareOf(firmware, work), ...drive(disk), ...DISK],
      onLine,
      stopOnArrival,
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const DISK = ['-device', 'virtio-blk-pci,drive=d0,bootindex=0'];

/** OVMF's code, its variables, and what of the machine it asks for: who runs the kernel may not write to the variables. */
const OVMF = {
  efi: { code: 'OVMF_CODE_4M.fd', variables: 'OVMF_VARS_4M.fd', machine: [] },
  'secure efi': {
    code: 'OVMF_CODE_4M.secboot.fd',
    variables: 'OVMF_VARS_4M.ms.fd',
    machine: ['-machine', 'smm=on', '-global', 'driver=cfi.pflash01,property=secure,value=on'],
  },
};

/**
 * @param {Firmware} firmware
 * @param {string} work
 */
function firmwareOf(firmware, work) {
  if (firmware === 'bios') return [];
  const { code, variables, machine } = OVMF[firmware];
  const own = join(work, 'variables');
  copyFileSync(part('usr/share/OVMF', variables), own);
  return [
    ...machine,
    ...['-drive', `if=pflash,format=raw,readonly=on,file=${part('usr/share/OVMF', code)}`],
    ...['-drive', `if=pflash,format=raw,file=${own}`],
  ];
}

/**
 * @param {readonly string[]} args
 * @param {(line: string) => void} onLine
 * @param {boolean} stopOnArrival
 * @returns {Promise<Outcome>}
 */
async function watch(args, onLine, stopOnArrival) {
  /** @type {string[]} */
  const told = [];
  let [runs, said, menu, end] = [false, '', false, ''];
  /** @type {NodeJS.Timeout | undefined} */
  let silence;
  const { cut, seconds } = await emulate(args, {
    limit: LIMIT_S,
    lineEnd: LINE_END,
    untilIdle: stopOnArrival,
    onLine(part, guest) {
      const line = clean(part);
      if (line === '') return;
      told.push(line);
      onLine(part.replace(/\u0000/g, ''));
      runs ||= KERNEL_RUNS.test(line);
      if (said === '' && !runs && LOADER_ERROR.test(line)) said = line;
      menu ||= said !== '' && MENU.test(line);
      end ||= GAVE_UP.exec(line)?.[0] ?? '';
      if ((line.includes(ARRIVED) && stopOnArrival) || LOST.some((sign) => sign.test(line))) guest.stop();
    },
    onText(_text, rest, guest) {
      // A prompt ends no line; and on a busy machine the cursor is moved about between its words.
      end ||= GAVE_UP.exec([...told.slice(-PIECES), clean(rest)].join(''))?.[0] ?? '';
      if (end !== '') guest.stop();
      clearTimeout(silence);
      if (said !== '' && !runs && stopOnArrival)
        silence = setTimeout(guest.stop, SILENCE_S[menu ? 'menu' : 'error'] * 1000);
    },
  });
  clearTimeout(silence);
  const outcome = outcomeOf(told, cut);
  // What the loader said comes first; where a kernel ran all the same, its end decides.
  const words = runs ? [said, end || outcome.line] : [said || end || outcome.line];
  const line = outcome.boots === false ? words.filter(Boolean).join('; ') : outcome.line;
  return { boots: outcome.boots, line: line.slice(0, 200), seconds };
}
