// @ts-check
// A whole guest, from its disk's own boot sector on: a person at its console takes an entry from the loader's menu, or
// lets the default one come.
import { readFileSync } from 'node:fs';
import { drive, emulate } from '../emulator.mjs';
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
export async function start(disk, { rescue = null, keeps = false, onText = () => undefined } = {}) {
  let chosen = rescue === null;
  const args = [
    ...['-smp', '2', '-m', '1280'],
    ...(rescue === null ? [] : ['-serial', `file:${rescue}`]),
    ...[...drive(disk, 0, { keeps }), '-device', 'virtio-blk-pci,drive=d0'],
  ];
  const choose = (/** @type {string} */ text, /** @type {import('../emulator.mjs').Guest} */ guest) => {
    if (chosen || !text.includes(RESCUE.title)) return;
    chosen = true;
    guest.type(RESCUE.key);
  };
  const { lines, cut, seconds } = await emulate(args, {
    limit: LIMIT_S,
    lineEnd: LINE_END,
    onLine(line, guest) {
      choose(line, guest);
      const proven = rescue === null && line.includes(ARRIVED);
      // A guest that powers off by itself has to write its disk first.
      if (proven || (!keeps && LOST.some((sign) => sign.test(line)))) guest.stop();
    },
    onText(text, rest, guest) {
      onText(text);
      choose(rest, guest);
    },
  });
  return { ...outcomeOf(lines, cut), seconds };
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
