// @ts-check
// A whole guest, from its disk's own boot sector on: a person at its console takes an entry from the loader's menu, or
// lets the default one come.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ARRIVED, LOST, outcomeOf } from '../oracle.mjs';
import { RESCUE } from './guest.mjs';

/** @typedef {import('../oracle.mjs').Outcome} Outcome */

/** Half an hour and more: a generator runs on an emulated processor, beside whatever else this machine does. */
const LIMIT_S = 3600;

/** The loader's menu ends no line: it clears the screen. */
const LINE_END = /\r?\n|\u001b\[H\u001b\[J/;

/**
 * @param {string} disk
 * @param {{rescue?: string | null, keeps?: boolean, onText?: (text: string) => void}} [how] `rescue`: the file that the second serial line goes to, and the
 *   rescue entry is taken; `keeps`: what the guest writes stays on the disk
 * @returns {Promise<Outcome>}
 */
export function start(disk, { rescue = null, keeps = false, onText = () => undefined } = {}) {
  const started = performance.now();
  const child = spawn(
    'nice',
    [
      ...['-n', '19', 'qemu-system-x86_64', '-M', 'q35', '-accel', 'tcg', '-cpu', 'qemu64,-cx16', '-smp', '2'],
      ...['-m', '1280', '-nographic', '-no-reboot', '-nodefaults', '-nic', 'none', '-serial', 'stdio'],
      ...(rescue === null ? [] : ['-serial', `file:${rescue}`]),
      ...['-drive', `file=${disk},if=none,id=d0,format=raw,snapshot=${keeps ? 'off' : 'on'}`],
      ...['-device', 'virtio-blk-pci,drive=d0'],
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  return new Promise((resolve, reject) => {
    /** @type {string[]} */
    const lines = [];
    let rest = '';
    let trouble = '';
    let late = false;
    let chosen = rescue === null;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, LIMIT_S * 1000);
    child.stdin.on('error', () => undefined); // it ended meanwhile: its exit tells
    child.stderr.setEncoding('latin1').on('data', (text) => (trouble += text));
    child.stdout.setEncoding('latin1').on('data', (text) => {
      onText(text);
      const parts = (rest + text).split(LINE_END);
      rest = parts.pop() ?? '';
      if (!chosen && [...parts, rest].some((line) => line.includes(RESCUE.title))) {
        chosen = true;
        child.stdin.write(RESCUE.key);
      }
      for (const line of parts) {
        lines.push(line);
        const proven = rescue === null && line.includes(ARRIVED);
        // A guest that powers off by itself has to write its disk first.
        if (proven || (!keeps && LOST.some((sign) => sign.test(line)))) child.kill('SIGKILL');
      }
    });
    child.on('error', reject);
    child.on('close', (status) => {
      clearTimeout(timer);
      if (lines.length === 0) return reject(new Error(`QEMU (${status}) printed nothing: ${trouble.trim()}`));
      resolve({ ...outcomeOf(lines, late), seconds: (performance.now() - started) / 1000 });
    });
  });
}

/**
 * What the guest wrote between two marks, less the carriage returns of its serial line.
 * @param {string} file
 * @param {string} from
 * @param {string} to
 */
export function between(file, from, to) {
  const text = readFileSync(file, 'utf8').replaceAll('\r', '');
  const [start_, end] = [text.indexOf(`${from}\n`), text.indexOf(`${to}\n`)];
  if (start_ === -1 || end === -1) throw new Error(`the guest did not get as far as "${to}":\n${text.slice(-2000)}`);
  return text.slice(start_ + from.length, end).trim();
}
