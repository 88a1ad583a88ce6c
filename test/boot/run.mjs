// @ts-check
// npm run test:boot [-- --count N --seed S --base NAME --sample NAME --all]: judges cases and has QEMU boot those that the
// table does not know, a few at a time. N seeds from S for each base; without --count what the table holds is judged anew.
// --all boots it anew too. Fails where a verdict is "healthy" and the guest does not boot, or the other way round.
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BUNDLE } from '../setup/build.mjs';
import { setUp } from '../setup/steps.mjs';
import { BASES, DISK_RECIPE, ROOT, base as baseOf } from './bases.mjs';
import { judgeOf } from './judge.mjs';
import { boot, identity } from './oracle.mjs';
import { writeReport } from './report.mjs';
import { SAMPLES, ablate } from './sample.mjs';
import { readTable, writeTable } from './table.mjs';

/** @typedef {import('./bases.mjs').BaseName} BaseName */
/** @typedef {import('./sample.mjs').SampleName} SampleName */
/** @typedef {{base: BaseName, sample: SampleName | null, seed: number, fresh: boolean}} Case */

/** More than cores: a guest that will not come up spends most of its time waiting. */
const GUESTS = Math.max(2, Math.ceil(availableParallelism() * 1.5));

const { values: asked } = parseArgs({
  options: {
    count: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    base: { type: 'string', multiple: true, default: Object.keys(BASES) },
    sample: { type: 'string', multiple: true, default: Object.keys(SAMPLES) },
    all: { type: 'boolean', default: false },
  },
});
const bases = /** @type {BaseName[]} */ (/** @type {string[]} */ (asked.base));
const samples = /** @type {SampleName[]} */ (/** @type {string[]} */ (asked.sample));

const table = readTable();
const work = mkdtempSync(join(tmpdir(), 'bellwether-boot-'));
try {
  const ready = await prepare();
  const cases = listCases(ready);
  console.error(`${cases.length} cases on ${ready.join(', ')}; seeds from ${asked.seed}`);
  const workers = Array.from({ length: GUESTS }, (_, at) => workThrough(cases, at));
  await Promise.all(workers);
} finally {
  rmSync(work, { recursive: true, force: true });
}
process.exitCode = writeReport(Object.values(table)) === 0 ? 0 : 1;

/** Those bases that can be had here; why the others cannot is said. */
async function prepare() {
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
 * @returns {Case[]} the sound images first, then what is new, base by base in turn, then what the table holds
 */
function listCases(ready) {
  const [from, count] = [Number(asked.seed), Number(asked.count)];
  const known = Object.values(table).filter(
    ({ base, sample }) => ready.some((name) => name === base) && sample !== null,
  );
  const seeds = Array.from({ length: count }, (_, index) => from + index);
  const wanted = seeds.flatMap((seed) => samples.flatMap((sample) => ready.map((base) => ({ base, sample, seed }))));
  const isNew = (/** @type {{base: string, sample: string, seed: number}} */ one) =>
    !known.some(({ base, sample, seed }) => base === one.base && sample === one.sample && seed === one.seed);
  return [
    ...ready.map((base) => ({ base, sample: null, seed: 0, fresh: false })),
    ...wanted.filter(isNew).map((one) => ({ ...one, fresh: true })),
    ...known.map(({ base, sample, seed }) => ({
      base: /** @type {BaseName} */ (base),
      sample,
      seed,
      fresh: false,
    })),
  ];
}

/**
 * @param {Case[]} cases taken from as it is gone through
 * @param {number} at
 */
async function workThrough(cases, at) {
  /** @type {Map<BaseName, {base: import('./bases.mjs').Base, sound: Buffer, judge: ReturnType<typeof judgeOf>}>} */
  const open = new Map();
  const image = join(work, `image-${at}`);
  try {
    for (let one = cases.shift(); one !== undefined; one = cases.shift()) {
      let here = open.get(one.base);
      if (here === undefined) {
        const base = baseOf(one.base);
        here = { base, sound: readFileSync(base.image), judge: judgeOf(base, join(work, 'bellwether.cjs')) };
        open.set(one.base, here);
      }
      await settle(one, here, image);
    }
  } finally {
    for (const { judge } of open.values()) judge.end();
    if (existsSync(image)) rmSync(image);
  }
}

/**
 * @param {Case} one
 * @param {{base: import('./bases.mjs').Base, sound: Buffer, judge: ReturnType<typeof judgeOf>}} here
 * @param {string} image where the case's image is laid
 */
async function settle({ base: name, sample, seed }, { base, sound, judge }, image) {
  const planted = sample === null ? { entry: null, fault: null, image: sound } : ablate(sound, sample, seed);
  writeFileSync(image, planted.image);
  const { verdict, findings } = await judge.judge(image);
  const machine = {
    kernel: base.vmlinuz,
    image,
    disk: base.disk,
    append: ROOT,
    bus: /** @type {const} */ ('virtio-blk'),
  };
  const id = await identity(machine, DISK_RECIPE);
  const before = table[id];
  const booted = before === undefined || before.boots === null || asked.all ? await boot(machine) : before;
  const { boots, line } = booted;
  table[id] = { base: name, sample, seed, entry: planted.entry, fault: planted.fault, boots, line, verdict, findings };
  writeTable(table);
  const truth = boots === null ? 'no telling' : boots ? 'boots' : 'does not boot';
  console.error(
    `${name} ${sample ?? 'sound'} ${seed}: ${verdict}, ${truth}: ${planted.fault ?? ''} ${planted.entry ?? ''}`,
  );
}
