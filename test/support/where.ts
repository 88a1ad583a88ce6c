import { describe } from '@jest/globals';

/**
 * A group of tests that needs something: where it cannot be had, each of its tests is skipped by name with the reason,
 * which `npm test` repeats at its end. The one way to skip here.
 *
 * @param reason why it cannot be had (`whyNot('images')`, `whyNoOverlay()`), or null where it can
 */
export function describeUnless(reason: string | null, name: string, tests: () => void): void {
  if (reason === null) describe(name, tests);
  else describe.skip(`${name} ${SKIP_MARK}${reason.replaceAll(/\s+/g, ' ')}]`, tests);
}

/** How `npm test` finds the reason in a test's full name. */
const SKIP_MARK = '[skipped: ';
