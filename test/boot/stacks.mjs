// @ts-check
// node test/boot/stacks.mjs [--base NAME] [--case PATTERN] [--judge]: the cases of the storage stacks, judged and booted.
// What the table knows is judged anew and not booted again; with --judge nothing is booted.
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BUNDLE } from '../setup/build.mjs';
import { setUp } from '../setup/steps.mjs';
import { diskRecipe, stackBase } from './build-stack.mjs';
import { grubMenu } from './guest.mjs';
import { judgeOf } from './judge.mjs';
import { bootJudged, identity } from './oracle.mjs';
import { STACKS } from './stack-bases.mjs';
import { STACK_CASES, planted } from './stack-cases.mjs';
import { STACK_TABLE, readTable, writeTable } from './table.mjs';

/** @typedef {import('./stack-bases.mjs').StackName} StackName */
/** @typedef {import('./stack-cases.mjs').StackCase} StackCase */

const { values: asked } = parseArgs({
  options: {
    base: { type: 'string', multiple: true, default: Object.keys(STACKS) },
    case: { type: 'string', default: '.' },
    judge: { type: 'boolean', default: false },
  },
});
const SAMPLE = /** @type {const} */ ('stacks');
const wanted = new RegExp(asked.case);
const work = mkdtempSync(join(tmpdir(), 'bellwether-stacks-'));
try {
  copyFileSync(BUNDLE, join(work, 'bellwether.cjs'));
  for (const name of /** @type {StackName[]} */ (/** @type {string[]} */ (asked.base))) await onBase(name);
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** @param {StackName} name */
async function onBase(name) {
  const { reason } = await setUp(`boot-${name}`);
  if (reason !== null) {
    console.error(`${name}: cannot be had: ${reason}`);
    process.exitCode = 1;
    return;
  }
  const sound = readFileSync(stackBase(name).image);
  if (wanted.test('sound')) await settle(name, null, { image: sound, append: STACKS[name].commandLine });
  for (const one of STACK_CASES) {
    const given = one.on[name];
    if (given !== undefined && wanted.test(one.name)) await settle(name, one, planted(sound, name, given));
  }
}

/**
 * @param {StackName} name
 * @param {StackCase | null} one null: the sound image
 * @param {{image: Buffer, append: string}} plan
 */
async function settle(name, one, { image, append }) {
  const base = stackBase(name);
  const file = join(work, 'image');
  writeFileSync(file, image);
  const judgement = await judged(base, file, append);
  const machine = { kernel: base.vmlinuz, image: file, disk: base.disks, append, bus: base.bus, types: base.types };
  const id = await identity(machine, diskRecipe(name));
  const known = readTable(STACK_TABLE)[id];
  if (known === undefined && asked.judge) {
    console.error(`${name}: ${one?.name ?? 'sound'}: ${judgement.verdict} ${judgement.findings.join(' ')}`);
    return;
  }
  const { boots, line } =
    known === undefined || known.boots === null ? await bootJudged(machine, judgement.verdict) : known;
  /** @type {import('./table.mjs').Row} */
  const row = { base: name, sample: null, seed: 0, entry: null, fault: null, boots, line, ...judgement };
  const told =
    one === null ? row : { ...row, sample: SAMPLE, case: one.name, planted: one.code, about: one.code ?? '' };
  writeTable({ ...readTable(STACK_TABLE), [id]: told }, STACK_TABLE);
  const truth = boots === null ? 'no telling' : boots ? 'boots' : 'does not boot';
  console.error(
    `${name}: ${one?.name ?? 'sound'}: ${judgement.verdict} ${judgement.findings.join(' ')}; ${truth}: ${line}`,
  );
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
