// @ts-check
// One case of a base: what is planted, what the bundle says of it, and what QEMU makes of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { DISK_RECIPE, ROOT, base as baseOf } from './bases.mjs';
import { soundOf } from './catalogue/case.mjs';
import { caseOf } from './catalogue/index.mjs';
import { judgeOf } from './judge.mjs';
import { bootJudged, identity } from './oracle.mjs';
import { ablate } from './sample.mjs';

/** @typedef {import('./bases.mjs').BaseName} BaseName */
/** @typedef {import('./sample.mjs').SampleName} SampleName */
/** @typedef {import('./table.mjs').Row} Row */
/** @typedef {{base: BaseName, sample: SampleName | null, seed: number} | {base: BaseName, name: string}} Case by seed, or of the catalogue */
/** @typedef {ReturnType<typeof openBase>} OpenBase */
/** @typedef {Pick<Row, 'sample' | 'seed' | 'entry' | 'fault' | 'case' | 'planted' | 'about'>} Head how a case's row begins */
/** @typedef {{head: Head, id: string, verdict: Row['verdict'], findings: string[], boot: () => ReturnType<typeof bootJudged>}} Judged */

/**
 * A base that cases are tried on, one after another; `judge.end()` when done.
 * @param {BaseName} name
 * @param {string} bundle
 */
export function openBase(name, bundle) {
  const base = baseOf(name);
  return { base, sound: soundOf(name, base.kernel, readFileSync(base.image)), judge: judgeOf(base, bundle) };
}

/**
 * Lays the case's image and has it judged; booting is left to who asks.
 * @param {Case} one
 * @param {Pick<OpenBase, 'base' | 'sound' | 'judge'>} here
 * @param {string} image where the case's image is laid
 * @returns {Promise<Judged>}
 */
export async function judgeCase(one, { base, sound, judge }, image) {
  const { head, append, edit, image: bytes } = plant(one, sound);
  writeFileSync(image, bytes);
  const { verdict, findings } = await judge.judge(image, { append, edit });
  const machine = { kernel: base.vmlinuz, image, disk: base.disk, append, bus: /** @type {const} */ ('virtio-blk') };
  const id = await identity(machine, DISK_RECIPE);
  return { head, id, verdict, findings, boot: () => bootJudged(machine, verdict) };
}

/**
 * What a case is: how its row begins, and what is booted.
 * @param {Case} one
 * @param {import('./catalogue/case.mjs').Sound} sound
 * @returns {import('./catalogue/case.mjs').Planted & {head: Head}}
 */
function plant(one, sound) {
  const asItWas = { append: ROOT, edit: null };
  if ('name' in one) {
    const found = caseOf(one.name);
    if (found === null) throw new Error(`the catalogue has no case ${one.name}`);
    const { name, code, about } = found;
    const head = { sample: /** @type {const} */ ('catalogue'), seed: 0, entry: null, fault: null };
    return { ...found.plant(sound), head: { ...head, case: name, planted: code, about } };
  }
  const { sample, seed } = one;
  if (sample === null) return { ...asItWas, image: sound.image, head: { sample, seed, entry: null, fault: null } };
  const { entry, fault, image } = ablate(sound.image, sample, seed);
  return { ...asItWas, image, head: { sample, seed, entry, fault } };
}
