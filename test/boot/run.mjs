// @ts-check
// npm run test:boot -- images [--count N --seed S --base NAME --sample NAME --case PATTERN --guests N --minutes N --all]
// Judges cases and has QEMU boot those that the table does not know, a few at a time. N seeds from S for each base; without
// --count what the table holds is judged anew, and the catalogue is gone through: those of its cases whose base, kind
// (fault, near miss), code or name match PATTERN, a regular expression on all of these in this order. --all boots it anew
// too; --minutes starts no case after that time. Fails where a verdict is "healthy" and the guest does not boot, or the
// other way round.
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BUNDLE } from '../setup/build.mjs';
import { setUp } from '../setup/steps.mjs';
import { tellMissing } from './announce.mjs';
import { BASES } from './bases.mjs';
import { judgeCase, openBase } from './cases.mjs';
import { caseOf, casesOn } from './catalogue/index.mjs';
import { pace } from './emulator.mjs';
import { countModules, passedBy } from './peers.mjs';
import { writeReport } from './report.mjs';
import { SAMPLES } from './sample.mjs';
import { addRow, keptBack, readTable } from './table.mjs';

/** @typedef {import('./bases.mjs').BaseName} BaseName */
/** @typedef {import('./sample.mjs').SampleName} SampleName */
/** @typedef {import('./table.mjs').Row} Row */
/** @typedef {import('./cases.mjs').Case} Case */
/** @typedef {{open: import('./cases.mjs').OpenBase, modules: number}} Here */

/** More than cores: a guest that will not come up spends most of its time waiting. */
const GUESTS = Math.max(2, Math.ceil(availableParallelism() * 1.5));

const { values: asked } = parseArgs({
  options: {
    count: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    base: { type: 'string', multiple: true, default: Object.keys(BASES) },
    sample: { type: 'string', multiple: true, default: [...Object.keys(SAMPLES), 'catalogue'] },
    case: { type: 'string', default: '' },
    guests: { type: 'string', default: String(GUESTS) },
    minutes: { type: 'string', default: 'Infinity' },
    all: { type: 'boolean', default: false },
  },
});
const bases = /** @type {BaseName[]} */ (/** @type {string[]} */ (asked.base));
const samples = /** @type {SampleName[]} */ (asked.sample.filter((name) => name !== 'catalogue'));
const ends = Date.now() + Number(asked.minutes) * 60_000;

const table = readTable();
const work = mkdtempSync(join(tmpdir(), 'bellwether-boot-'));
try {
  const ready = await prepare();
  const cases = listCases(ready);
  console.error(`${cases.length} cases on ${ready.join(', ')}; seeds from ${asked.seed}`);
  const workers = Array.from({ length: Number(asked.guests) }, (_, at) => workThrough(cases, at));
  await Promise.all(workers);
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.error(pace());
process.exitCode = writeReport(Object.values(readTable())) === 0 ? 0 : 1;

/** Those bases that can be had here; why the others cannot is said. */
async function prepare() {
  await tellMissing(bases.map((name) => `boot-${name}`));
  await setUp('build');
  copyFileSync(BUNDLE, join(work, 'bellwether.cjs'));
  /** @type {BaseName[]} */
  const ready = [];
  for (const name of bases) {
    const { reason } = await setUp(`boot-${name}`);
    if (reason === null) ready.push(name);
    else console.error(`${name}: cannot be had: ${reason}`);
  }
  return ready;
}

/**
 * @param {readonly BaseName[]} ready
 * @returns {Case[]} the sound images first, then what is new, base by base in turn, what the table holds, the catalogue
 */
function listCases(ready) {
  const [from, count] = [Number(asked.seed), Number(asked.count)];
  const known = Object.values(table).flatMap(({ base, sample, seed }) => {
    const name = ready.find((one) => one === base);
    const own = samples.find((one) => one === sample);
    return name === undefined || own === undefined ? [] : [{ base: name, sample: own, seed }];
  });
  const seeds = Array.from({ length: count }, (_, index) => from + index);
  const wanted = seeds.flatMap((seed) => samples.flatMap((sample) => ready.map((base) => ({ base, sample, seed }))));
  const isNew = (/** @type {typeof known[number]} */ one) =>
    !known.some(({ base, sample, seed }) => base === one.base && sample === one.sample && seed === one.seed);
  return [
    ...ready.map((base) => ({ base, sample: null, seed: 0 })),
    ...wanted.filter(isNew),
    ...known,
    ...(asked.sample.includes('catalogue') ? knownFirst(casesOn(ready).filter(isWanted)) : []),
  ];
}

/**
 * @param {Case[]} cases taken from as it is gone through
 * @param {number} at
 */
async function workThrough(cases, at) {
  /** @type {Map<BaseName, Here>} */
  const open = new Map();
  const image = join(work, `image-${at}`);
  try {
    for (let one = cases.shift(); one !== undefined && Date.now() < ends; one = cases.shift()) {
      let here = open.get(one.base);
      if (here === undefined) {
        const base = openBase(one.base, join(work, 'bellwether.cjs'));
        here = { open: base, modules: await countModules(base.base.image) };
        open.set(one.base, here);
      }
      await settle(one, here, image);
    }
  } finally {
    for (const here of open.values()) here.open.judge.end();
    if (existsSync(image)) rmSync(image);
  }
}

/** @template {{base: BaseName, name: string}} T @param {readonly T[]} cases */
function knownFirst(cases) {
  const rows = new Set(Object.values(table).map((row) => `${row.base} ${row.case ?? ''}`));
  const isKnown = (/** @type {T} */ { base, name }) => rows.has(`${base} ${name}`);
  return [...cases.filter(isKnown), ...cases.filter((one) => !isKnown(one))];
}

/** @param {{base: BaseName, name: string}} one */
function isWanted({ base, name }) {
  const { about = '', code = null } = caseOf(name) ?? {};
  return new RegExp(asked.case).test(`${base} ${code === null ? 'near miss' : 'fault'} ${about} ${name}`);
}

/**
 * @param {Case} one
 * @param {Here} here
 * @param {string} image where the case's image is laid
 */
async function settle(one, { open, modules }, image) {
  const started = performance.now();
  const { head, id, verdict, findings, boot } = await judgeCase(one, open, image);
  // A case by name has a row of its own, whatever else boots the same: what is judged may differ, and so may what it shows.
  const key = 'name' in one ? `${id} ${one.name}` : id;
  const before = Object.entries(table).find(([known]) => known.startsWith(id))?.[1];
  const { boots, line } = before === undefined || before.boots === null || asked.all ? await boot() : before;
  const passed = await passedBy(image, modules);
  const isKept = !('name' in one) && before !== undefined && keptBack(before) !== null;
  const row = isKept
    ? { ...before, boots, line, passed }
    : { base: one.base, ...head, boots, line, verdict, findings, passed };
  addRow(key, row, (old) => 'name' in one && isSameCase(old, one));
  const truth = boots === null ? 'no telling' : boots ? 'boots' : 'does not boot';
  const what = [head.sample ?? 'sound', head.about, head.case ?? head.seed, head.fault, head.entry]
    .filter(Boolean)
    .join(' ');
  const seconds = Math.round((performance.now() - started) / 1000);
  console.error(`${one.base} ${what}: ${verdict}, ${truth} (${seconds} s; ${findings.join(', ')}) ${line}`);
}

/**
 * A case of the catalogue that has been changed is another case: its old row goes.
 * @param {Row} row
 * @param {Extract<Case, {name: string}>} one
 */
function isSameCase(row, one) {
  return row.base === one.base && row.sample === 'catalogue' && row.case === one.name;
}
