// @ts-check
// npm run test:boot -- loaders [--base NAME] [--case PATTERN] [--judge] [--minutes N] [--all]: cases that a real loader decides,
// judged and booted. What the table knows is judged anew and not booted again, unless --all says so; with --judge nothing is booted; --minutes
// starts no boot after that time.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BUNDLE } from '../../setup/build.mjs';
import { readStamp } from '../../setup/cache.mjs';
import { run } from '../../setup/command.mjs';
import { setUp } from '../../setup/steps.mjs';
import { base as plainBase } from '../bases.mjs';
import { tellMissing } from '../announce.mjs';
import { pace } from '../emulator.mjs';
import { ARRIVED } from '../oracle.mjs';
import { LOADER_TABLE, readTable, writeTable } from '../table.mjs';
import { LOADER_BASES, PARTS_OF } from './bases.mjs';
import { laidOut, step } from './build.mjs';
import { LOADER_CASES } from './cases.mjs';
import { changeDisk } from './disk.mjs';
import { judge } from './judged.mjs';
import { startTwice } from './start.mjs';

/** @typedef {import('./bases.mjs').LoaderBaseName} LoaderBaseName */
/** @typedef {import('./cases.mjs').LoaderCase} LoaderCase */
/** @typedef {import('./disk.mjs').Change} Change */
/** @typedef {import('../table.mjs').Row} Row */

const { values: asked } = parseArgs({
  options: {
    base: { type: 'string', multiple: true, default: Object.keys(LOADER_BASES) },
    case: { type: 'string', default: '.' },
    judge: { type: 'boolean', default: false },
    minutes: { type: 'string', default: 'Infinity' },
    all: { type: 'boolean', default: false },
  },
});
const names = /** @type {LoaderBaseName[]} */ (/** @type {string[]} */ (asked.base));
const wanted = new RegExp(asked.case);
const ends = Date.now() + Number(asked.minutes) * 60_000;
const work = mkdtempSync(join(tmpdir(), 'bellwether-loaders-'));
const bundle = join(work, 'bellwether.cjs');
try {
  copyFileSync(BUNDLE, bundle);
  await tellMissing(names.map(step));
  for (const name of names) await onBase(name);
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.error(pace());

/** @param {LoaderBaseName} name */
async function onBase(name) {
  const { reason } = await setUp(step(name));
  if (reason !== null) {
    console.error(`${name}: cannot be had: ${reason}`);
    process.exitCode = 1;
    return;
  }
  const { files } = laidOut(name);
  const [old, new_] = [PARTS_OF.old, PARTS_OF.new_].map((part) => plainBase(part).kernel);
  const sound = {
    old: old ?? '',
    new_: new_ ?? '',
    read: (/** @type {string} */ path) => readFileSync(join(files, path)),
  };
  if (wanted.test('sound')) await settle(name, null, []);
  for (const one of LOADER_CASES)
    if (one.bases.includes(name) && wanted.test(one.name)) await settle(name, one, one.change(sound));
}

/**
 * @param {LoaderBaseName} name
 * @param {LoaderCase | null} one null: the disk as it is
 * @param {readonly Change[]} changes
 */
async function settle(name, one, changes) {
  const judgement = await judge(laidOut(name), changes, bundle);
  const id = identity(name, changes);
  const what = `${name}: ${one?.name ?? 'sound'}: ${judgement.verdict} ${judgement.findings.join(' ')} (${judgement.next})`;
  const known = readTable(LOADER_TABLE)[id];
  const mayBoot = !asked.judge && Date.now() < ends;
  if (!mayBoot && known === undefined) {
    console.error(what);
    return;
  }
  const started = performance.now();
  const again = mayBoot && (known === undefined || known.boots === null || asked.all);
  const { boots, line: said } = again ? await bootChanged(name, changes) : /** @type {Row} */ (known);
  // What a loader or systemd sends to the terminal before its first line is no part of it.
  const line = said.replace(new RegExp(`^.*(?=${ARRIVED})`), '');
  /** @type {Row} */
  const row = { base: name, sample: null, seed: 0, entry: null, fault: null, boots, line, ...judgement };
  const told =
    one === null ? row : { ...row, sample: /** @type {const} */ ('loaders'), case: one.name, planted: one.code };
  const table = readTable(LOADER_TABLE);
  for (const [old, { base, case: before }] of Object.entries(table))
    if (base === name && before === told.case) delete table[old];
  writeTable({ ...table, [id]: told }, LOADER_TABLE);
  const truth = boots === null ? 'no telling' : boots ? 'boots' : 'does not boot';
  const agrees = boots === (judgement.verdict === 'healthy') && (boots !== true || isSameEntry(judgement.next, line));
  const seconds = Math.round((performance.now() - started) / 1000);
  console.error(`${agrees ? '' : 'DISAGREES: '}${what}; ${truth}: ${line} (${seconds} s)`);
}

/**
 * Whether the entry that is judged to boot next is the one that arrived: each says its own name.
 * @param {string} next
 * @param {string} line
 */
function isSameEntry(next, line) {
  const arrived = /entry (\S+)/.exec(line)?.[1] ?? '';
  return next.endsWith(arrived) || next.includes(`-${arrived}`);
}

/**
 * @param {LoaderBaseName} name
 * @param {readonly Change[]} changes
 */
async function bootChanged(name, changes) {
  const disk = join(work, 'disk');
  await run('cp', ['--sparse=always', laidOut(name).disk, disk]);
  const base = LOADER_BASES[name];
  await changeDisk(disk, base, changes);
  return startTwice({ disk, firmware: base.firmware });
}

/**
 * What decides an outcome, as one hash: how the base was made, and what was changed.
 * @param {LoaderBaseName} name
 * @param {readonly Change[]} changes
 */
function identity(name, changes) {
  const parts = changes.map(({ path, content }) => [
    path,
    content === null ? null : createHash('sha256').update(content).digest('hex'),
  ]);
  return createHash('sha256')
    .update(JSON.stringify([name, readStamp(step(name)).recipe, parts]))
    .digest('hex')
    .slice(0, 32);
}
