// @ts-check
// Every set-up step by name, and the one way to do them: once, in order, and with a reason where one cannot be done.
import * as bootBases from '../boot/bases.mjs';
import * as stackBuilds from '../boot/build-stack.mjs';
import { LOADER_BASES } from '../boot/loaders/bases.mjs';
import * as loaderBuilds from '../boot/loaders/build.mjs';
import * as loaderParts from '../boot/loaders/parts.mjs';
import * as mendBuilds from '../boot/mend/build.mjs';
import { LAYOUTS } from '../boot/mend/layouts.mjs';
import { STACKS } from '../boot/stack-bases.mjs';
import * as apt from './apt.mjs';
import * as build from './build.mjs';
import { readStamp, withLock, writeStamp } from './cache.mjs';
import * as chroots from './chroots.mjs';
import * as images from './images.mjs';
import * as kernel from './kernels.mjs';
import * as nodes from './node-majors.mjs';
import * as npm from './npm.mjs';
import { whyNoOverlay } from './overlay.mjs';
import * as rpms from './rpms.mjs';
import * as sheep from './sheep.mjs';
import * as suseRpms from './suse-rpms.mjs';
import * as venvs from './venvs.mjs';

/**
 * @typedef {object} Step
 * @property {readonly string[]} [needs] steps that come first
 * @property {() => string | null} [whyNot] why it cannot be done here at all
 * @property {() => string | Promise<string>} [recipe] what was made is made anew when this changes
 * @property {() => boolean | Promise<boolean>} isDone
 * @property {() => Promise<void>} make
 */

const linuxOnly = () => (process.platform === 'linux' ? null : 'needs Linux');

/** @type {Readonly<Record<string, Step>>} */
export const STEPS = {
  npm,
  build: { needs: ['npm'], isDone: () => false, make: build.make },
  sheep: { isDone: () => false, make: sheep.make },
  apt: { ...apt.installing(apt.PACKAGES), whyNot: linuxOnly },
  emulator: { ...apt.installing(apt.EMULATOR_PACKAGES), whyNot: linuxOnly },
  kernel: { ...kernel, needs: ['apt'], whyNot: linuxOnly },
  images: { ...images, needs: ['apt', 'kernel'], whyNot: whyNoOverlay },
  rpms: { ...rpms, needs: ['apt', 'kernel'], whyNot: whyNoOverlay },
  'suse-rpms': { ...suseRpms, needs: ['rpms'] },
  ...Object.fromEntries(
    /** @type {chroots.Release[]} */ (Object.keys(chroots.CHROOTS)).map((release) => [
      `chroot-${release}`,
      {
        needs: ['apt'],
        whyNot: chroots.whyNot,
        recipe: () => chroots.recipe(release),
        isDone: () => chroots.isDone(release),
        make: () => chroots.make(release),
      },
    ]),
  ),
  ...Object.fromEntries(
    /** @type {bootBases.BaseName[]} */ (Object.keys(bootBases.BASES)).map((name) => [
      `boot-${name}`,
      {
        needs: ['build', 'kernel', 'emulator', ...bootBases.chrootsOf(name)],
        whyNot: bootBases.whyNot,
        recipe: () => bootBases.recipe(name),
        isDone: () => bootBases.isDone(name),
        make: () => bootBases.make(name),
      },
    ]),
  ),
  ...Object.fromEntries(
    /** @type {(keyof typeof STACKS)[]} */ (Object.keys(STACKS)).map((name) => [
      `boot-${name}`,
      {
        needs: ['build', 'kernel', 'emulator', ...stackBuilds.chrootsOf(name)],
        whyNot: bootBases.whyNot,
        recipe: () => stackBuilds.recipe(name),
        isDone: () => stackBuilds.isDone(name),
        make: () => stackBuilds.make(name),
      },
    ]),
  ),
  ...Object.fromEntries(
    /** @type {(keyof typeof LAYOUTS)[]} */ (Object.keys(LAYOUTS)).map((name) => [
      `boot-mend-${name}`,
      {
        needs: ['build', 'emulator', 'chroot-bookworm'],
        whyNot: bootBases.whyNot,
        recipe: () => mendBuilds.recipe(name),
        isDone: () => mendBuilds.isDone(name),
        make: () => mendBuilds.make(name),
      },
    ]),
  ),
  'boot-loader-parts': { ...loaderParts, whyNot: bootBases.whyNot },
  ...Object.fromEntries(
    /** @type {(keyof typeof LOADER_BASES)[]} */ (Object.keys(LOADER_BASES)).map((name) => [
      loaderBuilds.step(name),
      {
        needs: loaderBuilds.NEEDS,
        whyNot: bootBases.whyNot,
        recipe: () => loaderBuilds.recipe(name),
        isDone: () => loaderBuilds.isDone(name),
        make: () => loaderBuilds.make(name),
      },
    ]),
  ),
  ...Object.fromEntries(
    Object.keys(venvs.VENVS).map((name) => [
      `venv-${name}`,
      { recipe: () => venvs.recipe(name), isDone: () => venvs.isDone(name), make: () => venvs.make(name) },
    ]),
  ),
  ...Object.fromEntries(
    [...nodes.TOO_OLD, ...nodes.MAJORS].map((major) => [
      `node-${major}`,
      {
        whyNot: linuxOnly,
        recipe: () => nodes.recipe(major),
        isDone: () => nodes.isDone(major),
        make: () => nodes.make(major),
      },
    ]),
  ),
};

/**
 * @typedef {{step: string, seconds: number, did: boolean, reason: string | null}} StepOutcome
 *   `did`: whether there was work to do; `reason`: why the step is not done, or null
 */

/** @type {Map<string, Promise<StepOutcome>>} */
const started = new Map();

/**
 * Does a step and those that it needs, each at most once a process.
 * @param {string} name
 * @returns {Promise<StepOutcome>}
 */
export function setUp(name) {
  let outcome = started.get(name);
  if (outcome === undefined) started.set(name, (outcome = doStep(name)));
  return outcome;
}

/** @param {string} name */
async function doStep(name) {
  const step = STEPS[name];
  if (step === undefined) throw new Error(`no step is called ${name}; there are ${Object.keys(STEPS).join(', ')}`);
  const start = performance.now();
  let did = false;
  let reason = step.whyNot?.() ?? null;
  for (const need of reason === null ? (step.needs ?? []) : []) {
    const outcome = await setUp(need);
    if (outcome.reason !== null) reason ??= `${need}: ${outcome.reason}`;
  }
  if (reason === null) {
    try {
      did = await withLock(name, () => makeUnlessDone(name, step));
    } catch (error) {
      did = true;
      reason = error instanceof Error ? error.message : String(error);
    }
  }
  if (reason !== null) writeStamp(name, { reason });
  return { step: name, seconds: (performance.now() - start) / 1000, did, reason };
}

/**
 * @param {string} name
 * @param {Step} step
 * @returns {Promise<boolean>} whether there was work to do
 */
async function makeUnlessDone(name, step) {
  const recipe = (await step.recipe?.()) ?? '';
  const known = readStamp(name).recipe;
  // What is there without a stamp is taken as it is where it proves to be what was wanted.
  const done = (known === undefined || known === recipe) && (await step.isDone());
  if (!done) await step.make();
  if (known !== recipe) writeStamp(name, { recipe });
  return !done;
}

/**
 * Of these steps and those that they need: which have never been done, or are gone. What is there in another version is not
 * among them.
 * @param {readonly string[]} names
 * @returns {Promise<readonly string[]>} each once, what is needed first
 */
export async function missingSteps(names) {
  /** @type {Set<string>} */
  const missing = new Set();
  for (const name of names) {
    const step = STEPS[name];
    if (step === undefined || missing.has(name)) continue;
    for (const need of await missingSteps(step.needs ?? [])) missing.add(need);
    if (!(await step.isDone())) missing.add(name);
  }
  return [...missing];
}
