// @ts-check
// The honest sample: one entry of a sound image, chosen by a seed and by nobody, is damaged in one of four ways.
import { TRAILER, readMembers, writeMembers } from './newc.mjs';

/** @typedef {import('./newc.mjs').Member} Member */

const FORMAT = 0o170000;
const DIRECTORY = 0o040000;
const REGULAR = 0o100000;
/** Which of a member's numbers counts its hard links. */
const LINKS = 4;

/** What of an archive nobody can miss. */
const NO_ENTRY = new Set(['.', TRAILER]);

export const FAULTS = /** @type {const} */ (['removed', 'truncated', 'zeroed', 'not executable']);
/** @typedef {(typeof FAULTS)[number]} Fault */

/**
 * mulberry32: numbers from 0 to 1 that depend on the seed alone.
 * @param {number} seed
 */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** What each sample is drawn from. */
export const SAMPLES = {
  /** Every entry that is no folder, each as likely as any other. */
  whole: () => true,
  /** All but kernel modules, of which a boot needs few: user space alone. */
  userspace: (/** @type {string} */ name) => !/^(?:usr\/)?lib\/modules\/.*\.ko(?:\.\w+)?$/.test(name),
};
/** @typedef {keyof typeof SAMPLES} SampleName */

/**
 * The case that a seed chooses of an image.
 * @param {Buffer} image
 * @param {SampleName} sample
 * @param {number} seed
 * @returns {{entry: string, fault: Fault, image: Buffer}}
 */
export function ablate(image, sample, seed) {
  const members = readMembers(image);
  const next = random(seed);
  const candidates = members.filter(
    ({ mode, name }) => (mode & FORMAT) !== DIRECTORY && !NO_ENTRY.has(name) && SAMPLES[sample](name),
  );
  for (;;) {
    const chosen = /** @type {Member} */ (candidates[Math.floor(next() * candidates.length)]);
    const possible = FAULTS.filter((fault) => canHave(chosen, fault));
    const fault = /** @type {Fault} */ (possible[Math.floor(next() * possible.length)]);
    // Hard links share their content, wherever in the archive it lies: another entry is taken.
    if ((chosen.mode & FORMAT) === REGULAR && chosen.fields[LINKS] !== 1) continue;
    return { entry: chosen.name, fault, image: writeMembers(plant(members, chosen, fault)) };
  }
}

/**
 * @param {Member} member
 * @param {Fault} fault
 */
function canHave({ mode, data }, fault) {
  const regular = (mode & FORMAT) === REGULAR;
  switch (fault) {
    case 'removed':
      return true;
    case 'truncated':
    case 'zeroed':
      return regular && data.length > 0;
    case 'not executable':
      return regular && (mode & 0o111) !== 0;
  }
}

/**
 * @param {readonly Member[]} members
 * @param {Member} chosen
 * @param {Fault} fault
 * @returns {readonly Member[]}
 */
function plant(members, chosen, fault) {
  return members.flatMap((member) => {
    if (member !== chosen) return [member];
    switch (fault) {
      case 'removed':
        return [];
      case 'truncated':
        return [{ ...member, data: member.data.subarray(0, Math.floor(member.data.length / 2)) }];
      case 'zeroed':
        return [{ ...member, data: Buffer.alloc(member.data.length) }];
      case 'not executable':
        return [{ ...member, mode: member.mode & ~0o111 }];
    }
  });
}
