// @ts-check
// The catalogue: for every fatal code that these guests can show, faults that stop the boot and near misses that do not.
import { CONTAINER } from './container.mjs';
import { DEVICES } from './devices.mjs';
import { DRIVERS } from './drivers.mjs';
import { INDEXES } from './indexes.mjs';
import { LOADER } from './loader.mjs';
import { PROGRAMS } from './programs.mjs';

/** @typedef {import('./case.mjs').Case} Case */
/** @typedef {import('./case.mjs').BaseName} BaseName */

const CASES = [...LOADER, ...CONTAINER, ...PROGRAMS, ...DEVICES, ...DRIVERS, ...INDEXES];
const PASSES = 4;

/** @param {string} name */
export function caseOf(name) {
  return CASES.find((one) => one.name === name) ?? null;
}

/**
 * Each case on one base, then each on a second: a run that is broken off has seen every code. Those that wait until they
 * give up come behind the others of their pass.
 * @param {readonly BaseName[]} ready
 * @returns {{base: BaseName, name: string}[]}
 */
export function casesOn(ready) {
  const passes = Array.from({ length: PASSES }, (_, pass) => pass);
  return passes.flatMap((pass) =>
    [false, true].flatMap((slow) =>
      CASES.filter((one) => one.slow === slow).flatMap(({ name, bases }) => {
        const base = bases[pass];
        return base === undefined || !ready.includes(base) ? [] : [{ base, name }];
      }),
    ),
  );
}
