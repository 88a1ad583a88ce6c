// @ts-check
// npm run test:boot -- mutation [--count N] [--seed S] [--base NAME] [--boots N] [--ill N] [--only PATTERN] [--bundle FILE]
//   [--minutes N] [--all]
// N mutations of seeds from S are judged; of those judged healthy, N are booted (--boots), and of the others some (--ill):
// each time those that come first in an order that seeds have. What the table knows is judged anew, and not booted again, unless --all says so.
// With --only, those alone are booted whose seed, place and entry match; with --base, only the seeds that hit that base.
// Fails where what was judged healthy does not boot.
import { createHash } from 'node:crypto';
import { appendFileSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BUNDLE } from '../setup/build.mjs';
import { cachePath } from '../setup/cache.mjs';
import { setUp } from '../setup/steps.mjs';
import { tellMissing } from './announce.mjs';
import { pace } from './emulator.mjs';
import { judgeOf } from './judge.mjs';
import { mutate, mutationOf } from './mutate.mjs';
import { HOSTS, hostOf, imageOf } from './mutation-hosts.mjs';
import { writeCounts } from './mutation-counts.mjs';
import { bootJudged, identity } from './oracle.mjs';
import { random } from './sample.mjs';
import { MUTATION_TABLE, readTable, writeTable } from './table.mjs';

/** @typedef {import('./mutation-hosts.mjs').HostName} HostName */
/** @typedef {import('./mutation-counts.mjs').Judged} Judged */

const JUDGES = 2;
/** Every judgement of one bundle, so that no run judges again what another did. */
const judgementsOf = (/** @type {string} */ bundle) => cachePath('boot', `mutations-${bundle}.jsonl`);

const { values: asked } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    base: { type: 'string', multiple: true, default: HOSTS },
    boots: { type: 'string', default: '60' },
    ill: { type: 'string', default: '15' },
    only: { type: 'string', default: '' },
    bundle: { type: 'string', default: BUNDLE },
    minutes: { type: 'string', default: 'Infinity' },
    all: { type: 'boolean', default: false },
  },
});
const ends = Date.now() + Number(asked.minutes) * 60_000;
const [from, count] = [Number(asked.seed), Number(asked.count)];
const wanted = new RegExp(asked.only);
const whole = asked.base.length === HOSTS.length;

/** @type {Map<string, ReturnType<typeof judgeOf>>} by host and lane */
const judges = new Map();
let judgements = '';
let judgedSoFar = 0;
const work = mkdtempSync(join(tmpdir(), 'bellwether-mutation-'));
try {
  judgements = await prepare();
  const seeds = seedsWanted();
  const judging = judgeAll(seeds);
  const booting = bootSome(judging);
  const judged = await Promise.all(judging);
  if (whole) writeCounts({ from, count }, judged.filter(isOfThisRun));
  await booting;
  tellAnew(judged);
} finally {
  for (const judge of judges.values()) judge.end();
  rmSync(work, { recursive: true, force: true });
}
console.error(pace());

async function prepare() {
  await tellMissing(asked.base.map((name) => `boot-${name}`));
  for (const name of asked.base) {
    const { reason } = await setUp(`boot-${name}`);
    if (reason !== null) throw new Error(`${name}: cannot be had: ${reason}`);
  }
  copyFileSync(asked.bundle, join(work, 'bellwether.cjs'));
  const hash = createHash('sha256').update(readFileSync(asked.bundle)).digest('hex').slice(0, 12);
  return judgementsOf(hash);
}

/** @returns {Map<number, Judged>} by seed */
function readJudgements() {
  if (!existsSync(judgements)) return new Map();
  const lines = readFileSync(judgements, 'utf8').trim().split('\n').filter(Boolean);
  return new Map(lines.map((line) => JSON.parse(line)).map((one) => [one.seed, one]));
}

/** Those asked for, and those of the table, in the order of their ranks. */
function seedsWanted() {
  const known = Object.values(readTable(MUTATION_TABLE)).map(({ seed }) => seed);
  return [...new Set([...Array.from({ length: count }, (_, index) => from + index), ...known])]
    .filter((seed) => asked.base.includes(mutationOf(seed, HOSTS).base))
    .sort((one, other) => rank(one) - rank(other));
}

/** @param {{seed: number}} one */
function isOfThisRun({ seed }) {
  return seed >= from && seed < from + count;
}

/** @param {number} seed */
function rank(seed) {
  return random(~seed)();
}

/**
 * A few at a time, while guests of those that came first are booted.
 * @param {readonly number[]} seeds
 * @returns {Promise<Judged>[]}
 */
function judgeAll(seeds) {
  /** @type {Promise<unknown>[]} */
  const lanes = Array.from({ length: JUDGES }, () => Promise.resolve());
  const known = readJudgements();
  return seeds.map((seed, at) => {
    const before = known.get(seed);
    if (before !== undefined) return Promise.resolve(before);
    const lane = at % JUDGES;
    const one = /** @type {Promise<unknown>} */ (lanes[lane]).then(() => judgeOne(seed, join(work, `judged-${lane}`)));
    lanes[lane] = one;
    return one;
  });
}

/**
 * @param {number} seed
 * @param {string} file where its image is laid
 * @returns {Promise<Judged>}
 */
async function judgeOne(seed, file) {
  const { host, image, ...what } = made(seed);
  const judge = judges.get(host.name + file) ?? judgeOf(host.captured, join(work, 'bellwether.cjs'));
  judges.set(host.name + file, judge);
  writeFileSync(file, image);
  judgedSoFar += 1;
  if (judgedSoFar % 50 === 0) console.error(`${judgedSoFar} judged`);
  const one = { base: host.name, seed, ...what, ...(await judge.judge(file)) };
  appendFileSync(judgements, `${JSON.stringify(one)}\n`);
  return one;
}

/** @param {number} seed */
function made(seed) {
  const mutation = mutationOf(seed, HOSTS);
  const host = hostOf(/** @type {HostName} */ (mutation.base));
  const plain = imageOf(host, 'plain');
  const packed = mutation.packing === 'plain' ? plain : imageOf(host, mutation.packing);
  return { host, ...mutate(mutation, plain, packed, host.drivers) };
}

/**
 * The table's rows with the verdicts of today.
 * @param {readonly Judged[]} judged
 */
function tellAnew(judged) {
  const table = readTable(MUTATION_TABLE);
  for (const row of Object.values(table)) {
    const now = judged.find(({ seed }) => seed === row.seed);
    if (now !== undefined) Object.assign(row, { verdict: now.verdict, findings: now.findings });
    if (row.verdict === 'healthy' && row.boots === false) process.exitCode = 1;
  }
  writeTable(table, MUTATION_TABLE);
}

/**
 * Those that come first, healthy and other, one guest at a time.
 * @param {readonly Promise<Judged>[]} judging in the order of their ranks
 */
async function bootSome(judging) {
  const left = { healthy: Number(asked.boots), unhealthy: Number(asked.ill), unknown: 0 };
  for (const judged of judging) {
    const one = await judged;
    if (
      !isOfThisRun(one) ||
      !wanted.test(`${one.seed} ${one.where} ${one.entry ?? ''}`) ||
      left[one.verdict] === 0 ||
      Date.now() > ends
    )
      continue;
    left[one.verdict] -= 1;
    await settle(one);
  }
}

/** @param {Judged} one */
async function settle({ seed, base, entry, where, words, verdict, findings }) {
  const { host, image } = made(seed);
  const file = join(work, 'image');
  writeFileSync(file, image);
  const machine = { ...host.machine, image: file };
  const id = await identity(machine, host.diskRecipe);
  const known = readTable(MUTATION_TABLE)[id];
  const { boots, line } =
    known === undefined || known.boots === null || asked.all ? await bootJudged(machine, verdict) : known;
  const row = {
    ...{ base, sample: /** @type {const} */ ('mutation'), seed, entry, fault: words, where },
    ...{ boots, line, verdict, findings },
  };
  writeTable({ ...readTable(MUTATION_TABLE), [id]: row }, MUTATION_TABLE);
  if (verdict === 'healthy' && boots === false) process.exitCode = 1;
  const truth = boots === null ? 'no telling' : boots ? 'boots' : 'does not boot';
  const what = [base, seed, where, entry, words].filter((part) => part !== null).join(', ');
  console.error(`${what}: ${verdict} ${findings.join(' ')}; ${truth}: ${line}`);
}
