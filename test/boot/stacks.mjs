// @ts-check
// npm run test:boot -- stacks [--base NAME] [--case PATTERN] [--judge] [--count N --seed S] [--all]: the cases of the storage stacks,
// judged and booted; with --count those that N seeds from S draw of what is no kernel module, in the place of the cases by name.
// What the table knows is judged anew and not booted again, unless --all says so; with --judge nothing is booted.
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BUNDLE } from '../setup/build.mjs';
import { setUp } from '../setup/steps.mjs';
import { tellMissing } from './announce.mjs';
import { diskRecipe, stackBase } from './build-stack.mjs';
import { pace } from './emulator.mjs';
import { grubMenu } from './guest.mjs';
import { judgeOf } from './judge.mjs';
import { bootJudged, identity } from './oracle.mjs';
import { ablate } from './sample.mjs';
import { LIKE, STACKS } from './stack-bases.mjs';
import { STACK_CASES, planted } from './stack-cases.mjs';
import { STACK_TABLE, addRow, keptBack, readTable } from './table.mjs';

/** @typedef {import('./stack-bases.mjs').StackName} StackName */

const { values: asked } = parseArgs({
  options: {
    base: { type: 'string', multiple: true, default: Object.keys(STACKS) },
    case: { type: 'string', default: '.' },
    judge: { type: 'boolean', default: false },
    count: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    all: { type: 'boolean', default: false },
  },
});
/** @typedef {import('./cases.mjs').Head} Head */
/** @typedef {{head: Head, image: Buffer, append: string}} Planned */

const SOUND = { sample: null, seed: 0, entry: null, fault: null };
const SAMPLE = /** @type {const} */ ('stacks');
const DRAWN_FROM = /** @type {const} */ ('userspace');
const names = /** @type {StackName[]} */ (/** @type {string[]} */ (asked.base));
const wanted = new RegExp(asked.case);
const work = mkdtempSync(join(tmpdir(), 'bellwether-stacks-'));
try {
  copyFileSync(BUNDLE, join(work, 'bellwether.cjs'));
  await tellMissing(names.map((name) => `boot-${name}`));
  for (const name of names) await onBase(name);
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.error(pace());

/** @param {StackName} name */
async function onBase(name) {
  const { reason } = await setUp(`boot-${name}`);
  if (reason !== null) {
    console.error(`${name}: cannot be had: ${reason}`);
    process.exitCode = 1;
    return;
  }
  const sound = readFileSync(stackBase(name).image);
  const [from, count] = [Number(asked.seed), Number(asked.count)];
  for (const planned of count > 0 ? drawn(name, sound, from, count) : byName(name, sound)) await settle(name, planned);
}

/**
 * @param {StackName} name
 * @param {Buffer} sound
 * @returns {Generator<Planned>}
 */
function* byName(name, sound) {
  if (wanted.test('sound')) yield { head: SOUND, image: sound, append: STACKS[name].commandLine };
  for (const { name: title, code, on } of STACK_CASES) {
    const given = on[name] ?? on[LIKE[name] ?? name];
    if (given === undefined || !wanted.test(title)) continue;
    const head = { ...SOUND, sample: SAMPLE, case: title, planted: code, about: code ?? '' };
    yield { head, ...planted(sound, name, given) };
  }
}

/**
 * @param {StackName} name
 * @param {Buffer} sound
 * @param {number} from
 * @param {number} count
 * @returns {Generator<Planned>}
 */
function* drawn(name, sound, from, count) {
  for (let seed = from; seed < from + count; seed++) {
    const { entry, fault, image } = ablate(sound, DRAWN_FROM, seed);
    yield { head: { sample: DRAWN_FROM, seed, entry, fault }, image, append: STACKS[name].commandLine };
  }
}

/**
 * @param {StackName} name
 * @param {Planned} planned
 */
async function settle(name, { head, image, append }) {
  const base = stackBase(name);
  const file = join(work, 'image');
  writeFileSync(file, image);
  const judgement = await judged(base, file, append);
  const machine = { kernel: base.vmlinuz, image: file, disk: base.disks, append, bus: base.bus, types: base.types };
  const id = await identity(machine, diskRecipe(name));
  const known = readTable(STACK_TABLE)[id];
  const title = head.case ?? (head.entry === null ? 'sound' : `${head.seed} ${head.fault} ${head.entry}`);
  const said = `${name}: ${title}: ${judgement.verdict} ${judgement.findings.join(' ')}`;
  if (known === undefined && asked.judge) {
    console.error(said);
    return;
  }
  const { boots, line } =
    known === undefined || known.boots === null || asked.all ? await bootJudged(machine, judgement.verdict) : known;
  const told = known !== undefined && keptBack(known) !== null ? known : { base: name, ...head, ...judgement };
  addRow(id, { ...told, boots, line }, undefined, STACK_TABLE);
  const truth = boots === null ? 'no telling' : boots ? 'boots' : 'does not boot';
  console.error(`${said}; ${truth}: ${line}`);
}

/**
 * On what the guest captured, with this image in it and this command line in its loader's entry.
 * @param {import('./build-stack.mjs').StackBase} base
 * @param {string} image
 * @param {string} append
 */
async function judged({ root, kernel }, image, append) {
  const copy = join(work, 'root');
  cpSync(root, copy, { recursive: true, verbatimSymlinks: true });
  writeFileSync(join(copy, 'boot/grub/grub.cfg'), grubMenu(kernel, append));
  const judge = judgeOf({ root: copy, kernel }, join(work, 'bellwether.cjs'));
  try {
    return await judge.judge(image);
  } finally {
    judge.end();
    rmSync(copy, { recursive: true, force: true });
  }
}
