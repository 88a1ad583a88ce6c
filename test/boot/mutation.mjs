// @ts-check
// node test/boot/mutation.mjs [--count N] [--seed S] [--base NAME] [--boots N] [--ill N] [--minutes N]
// N mutations of seeds from S are judged; of those judged healthy, N are booted (--boots), and of the others some (--ill):
// each time those that come first in an order that seeds have. What the table knows is judged anew, and not booted again.
// With --base, only the seeds that hit that base. Fails where what was judged healthy does not boot.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BUNDLE } from '../setup/build.mjs';
import { cachePath } from '../setup/cache.mjs';
import { setUp } from '../setup/steps.mjs';
import { judgeOf } from './judge.mjs';
import { mutate, mutationOf } from './mutate.mjs';
import { HOSTS, hostOf, imageOf } from './mutation-hosts.mjs';
import { writeCounts } from './mutation-counts.mjs';
import { boot, identity } from './oracle.mjs';
import { random } from './sample.mjs';
import { MUTATION_TABLE, readTable, writeTable } from './table.mjs';

/** @typedef {import('./mutation-hosts.mjs').HostName} HostName */
/** @typedef {import('./mutation-counts.mjs').Judged} Judged */

const JUDGES = 2;
/** What all are judged anew leaves here, case by case, for whoever wants to look at one. */
const JUDGED = cachePath('boot', 'mutations-judged.json');

const { values: asked } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    base: { type: 'string', multiple: true, default: HOSTS },
    boots: { type: 'string', default: '60' },
    ill: { type: 'string', default: '15' },
    minutes: { type: 'string', default: 'Infinity' },
  },
});
const ends = Date.now() + Number(asked.minutes) * 60_000;
const [from, count] = [Number(asked.seed), Number(asked.count)];
const whole = asked.base.length === HOSTS.length;

const work = mkdtempSync(join(tmpdir(), 'bellwether-mutation-'));
try {
  await prepare();
  const judged = await judgeAll(seedsWanted());
  writeFileSync(JUDGED, `${JSON.stringify(judged, null, 1)}\n`);
  if (whole) writeCounts({ from, count }, judged.filter(isOfThisRun));
  tellAnew(judged);
  await bootSome(judged);
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function prepare() {
  for (const name of asked.base) {
    const { reason } = await setUp(`boot-${name}`);
    if (reason !== null) throw new Error(`${name}: cannot be had: ${reason}`);
  }
  copyFileSync(BUNDLE, join(work, 'bellwether.cjs'));
}

/** Those asked for, and those of the table. */
function seedsWanted() {
  const known = Object.values(readTable(MUTATION_TABLE)).map(({ seed }) => seed);
  const seeds = [...new Set([...Array.from({ length: count }, (_, index) => from + index), ...known])];
  return seeds.filter((seed) => asked.base.includes(mutationOf(seed, HOSTS).base));
}

/** @param {Judged} one */
function isOfThisRun({ seed }) {
  return seed >= from && seed < from + count;
}

/**
 * @param {readonly number[]} seeds
 * @returns {Promise<Judged[]>} by seed
 */
async function judgeAll(seeds) {
  const left = [...seeds];
  /** @type {Judged[]} */
  const all = [];
  await Promise.all(Array.from({ length: JUDGES }, (_, at) => judgeThrough(left, all, join(work, `judged-${at}`))));
  return all.sort((one, other) => one.seed - other.seed);
}

/**
 * @param {number[]} left taken from as it is gone through
 * @param {Judged[]} all
 * @param {string} file
 */
async function judgeThrough(left, all, file) {
  /** @type {Map<string, ReturnType<typeof judgeOf>>} */
  const judges = new Map();
  try {
    for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
      const { host, image, ...what } = made(seed);
      const judge = judges.get(host.name) ?? judgeOf(host.captured, join(work, 'bellwether.cjs'));
      judges.set(host.name, judge);
      writeFileSync(file, image);
      all.push({ base: host.name, seed, ...what, ...(await judge.judge(file)) });
      if (all.length % 50 === 0) console.error(`${all.length} judged`);
    }
  } finally {
    for (const judge of judges.values()) judge.end();
  }
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

/** @param {readonly Judged[]} judged */
async function bootSome(judged) {
  const inOrder = judged.filter(isOfThisRun).sort((one, other) => rank(one) - rank(other));
  const healthy = inOrder.filter(({ verdict }) => verdict === 'healthy').slice(0, Number(asked.boots));
  const ill = inOrder.filter(({ verdict }) => verdict === 'unhealthy').slice(0, Number(asked.ill));
  console.error(`${healthy.length} judged healthy and ${ill.length} others are booted`);
  for (const one of [...healthy, ...ill].sort((a, b) => rank(a) - rank(b))) if (Date.now() < ends) await settle(one);
}

/** @param {Judged} one */
function rank({ seed }) {
  return random(~seed)();
}

/** @param {Judged} one */
async function settle({ seed, base, entry, where, words, verdict, findings }) {
  const { host, image } = made(seed);
  const file = join(work, 'image');
  writeFileSync(file, image);
  const machine = { ...host.machine, image: file };
  const id = await identity(machine, host.diskRecipe);
  const known = readTable(MUTATION_TABLE)[id];
  const { boots, line } = known === undefined || known.boots === null ? await boot(machine) : known;
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
