// @ts-check
// npm run test:boot -- mend [--case PATTERN] [--on LAYOUT] [--bundle FILE] [--all] [--keep FOLDER]: guests that do
// not boot any more are started from their rescue entry, mend themselves, and are started again. What the table knows is
// not done again, unless --all says so.
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BUNDLE } from '../../setup/build.mjs';
import { run } from '../../setup/command.mjs';
import { setUp } from '../../setup/steps.mjs';
import { tellMissing } from '../announce.mjs';
import { MEND_TABLE, readTable, writeTable } from '../table.mjs';
import { mendBase, recipe } from './build.mjs';
import { MEND_CASES } from './cases.mjs';
import { ANSWERS, PRODUCT } from './guest.mjs';
import { layFiles } from './lay-files.mjs';
import { LAYOUTS } from './layouts.mjs';
import { pace } from '../emulator.mjs';
import { between, start } from './machine.mjs';

/** @typedef {import('./layouts.mjs').LayoutName} LayoutName */
/** @typedef {import('./cases.mjs').MendCase} MendCase */
/** @typedef {{code: string, severity: string}} Finding */

const { values: asked } = parseArgs({
  options: {
    case: { type: 'string', default: '.' },
    on: { type: 'string', multiple: true, default: Object.keys(LAYOUTS) },
    bundle: { type: 'string', default: BUNDLE },
    all: { type: 'boolean', default: false },
    /** The consoles of the three boots and both answers go there. */
    keep: { type: 'string' },
  },
});
const wanted = new RegExp(asked.case);
const layouts = /** @type {LayoutName[]} */ (/** @type {string[]} */ (asked.on));
await tellMissing(layouts.map((layout) => `boot-mend-${layout}`));
for (const layout of layouts) {
  const cases = MEND_CASES.filter(({ name, on }) => on.includes(layout) && wanted.test(name));
  if (cases.length === 0) continue;
  const { reason } = await setUp(`boot-mend-${layout}`);
  if (reason !== null) {
    console.error(`${layout}: cannot be had: ${reason}`);
    process.exitCode = 1;
    continue;
  }
  for (const one of cases) await settle(layout, one);
}
console.error(pace());

/**
 * @param {LayoutName} layout
 * @param {MendCase} one
 */
async function settle(layout, one) {
  const bundle = readFileSync(asked.bundle);
  const parts = [recipe(layout), one.name, one.spoil.toString(), bundle.toString('base64')];
  const id = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
  const base = `mend-${layout}`;
  if (readTable(MEND_TABLE)[id] !== undefined && !asked.all) return;
  const work = mkdtempSync(join(tmpdir(), 'bellwether-mend-'));
  try {
    const row = await mend(layout, one, work);
    // An earlier bundle's row goes: each case is told once.
    const others = Object.entries(readTable(MEND_TABLE)).filter(
      ([, { case: name, base: on }]) => name !== one.name || on !== base,
    );
    writeTable({ ...Object.fromEntries(others), [id]: row }, MEND_TABLE);
  } catch (error) {
    // No row: the guest did not get as far as answers, and there is nothing to tell of the boot after them.
    console.error(`${layout}: ${one.name}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * @param {LayoutName} layout
 * @param {MendCase} one
 * @param {string} work
 * @returns {Promise<import('../table.mjs').Row>}
 */
async function mend(layout, one, work) {
  const say = (/** @type {string} */ text) => console.error(`${layout}: ${one.name}: ${text}`);
  const disk = join(work, 'disk');
  const serial = join(work, 'serial');
  const base = mendBase(layout);
  await run('cp', ['--sparse=always', base.disk, disk]);
  const product = { [PRODUCT]: { from: asked.bundle, executable: true } };
  await layFiles(disk, LAYOUTS[layout], { ...product, ...one.spoil(base, work, LAYOUTS[layout]) }, work);
  const before = await start(disk, { onText: keeper(layout, one, 'before') });
  say(`before: ${told(before)}`);
  const rescue = await start(disk, { rescue: serial, keeps: true, onText: keeper(layout, one, 'rescue') });
  say(`rescue entry: ${told(rescue)}`);
  keeper(layout, one, 'answers')(readFileSync(serial, 'latin1'));
  const check = JSON.parse(between(serial, ANSWERS.check, ANSWERS.repair));
  const repair = JSON.parse(between(serial, ANSWERS.repair, ANSWERS.end));
  say(`${check.verdict} before, ${repair.verdict} after: ${repair.summary}`);
  const after = await start(disk, { onText: keeper(layout, one, 'after') });
  say(`after: ${told(after)}`);
  return {
    base: `mend-${layout}`,
    sample: 'mend',
    seed: 0,
    entry: null,
    fault: null,
    case: one.name,
    boots: after.boots,
    line: after.line,
    verdict: repair.verdict,
    findings: fatalIn(repair.findings),
    before: { boots: before.boots, line: before.line, verdict: check.verdict, findings: fatalIn(check.findings) },
    rounds: repair.rounds,
  };
}

/**
 * Writes what is said into a file, where that was asked for.
 * @param {LayoutName} layout
 * @param {MendCase} one
 * @param {string} name
 * @returns {(text: string) => void}
 */
function keeper(layout, one, name) {
  if (asked.keep === undefined) return () => undefined;
  const folder = join(asked.keep, layout, one.name.replaceAll(' ', '-'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), '');
  return (text) => appendFileSync(join(folder, name), text);
}

/** @param {import('./machine.mjs').Outcome} outcome */
function told({ boots, line, seconds }) {
  return `${boots === null ? 'no telling' : boots ? 'boots' : 'does not boot'} (${Math.round(seconds)} s): ${line}`;
}

/** @param {readonly Finding[]} findings */
function fatalIn(findings) {
  return findings.filter(({ severity }) => severity === 'fatal').map(({ code }) => code);
}
