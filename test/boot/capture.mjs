// @ts-check
// A guest is booted once, with its sound image, and says what it found in itself.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../setup/command.mjs';
import { bootOnce } from './oracle.mjs';

/** @typedef {import('./oracle.mjs').Machine} Machine */

/** A sound guest only has to be waited for, however busy the machine is. */
const PATIENCE = 'rd.retry=300 rd.timeout=600';

/**
 * Leaves `facts.tar.gz` in the folder, and what is in it in the folder's `root`.
 * @param {Machine} machine
 * @param {string} into
 */
export async function capture(machine, into) {
  /** @type {string[]} */
  const console_ = [];
  const append = `${machine.append} ${PATIENCE} lab.capture`;
  await bootOnce({ ...machine, append }, { limit: 1800, onLine: (line) => console_.push(line) });
  await keepFacts(console_, into);
}

/**
 * Takes what a guest captured from what it printed.
 * @param {readonly string[]} console_
 * @param {string} into
 */
export async function keepFacts(console_, into) {
  const [from, to] = ['BEGIN FACTS', 'END FACTS'].map((mark) => console_.findIndex((line) => line.includes(mark)));
  if (from === undefined || to === undefined || from === -1 || to === -1)
    throw new Error(`the guest captured nothing:\n${console_.slice(-40).join('\n')}`);
  // The kernel may say something meanwhile, in the middle of a line.
  const printed = console_
    .slice(from + 1, to)
    .join('\n')
    .replace(/\[ *\d+\.\d{6}\] [^\n]*\n?/g, '');
  writeFileSync(join(into, 'facts.tar.gz'), Buffer.from(printed.replace(/\s/g, ''), 'base64'));
  mkdirSync(join(into, 'root'));
  await run('tar', ['-xzf', join(into, 'facts.tar.gz'), '-C', join(into, 'root')]);
  if (readdirSync(join(into, 'root')).length === 0) throw new Error('the guest captured an empty root');
}
