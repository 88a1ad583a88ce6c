import { CHECKS } from '../boot/checks/index.ts';

/** What a finding's code means: what one would see at the console, what usually causes it, what cures it. */
export interface Explanation {
  readonly symptom: string;
  readonly cause: string;
  readonly cure: string;
}

/** @throws Error for a code that no rule has: the program is wrong then */
export function explain(code: string): Explanation {
  const check = CHECKS.find((candidate) => candidate.code === code);
  if (check === undefined) throw new Error(`no rule has the code ${code}`);
  return { symptom: check.symptom, cause: check.cause, cure: check.cure };
}

/** Every code that a finding can have. */
export function knownCodes(): readonly string[] {
  return CHECKS.map((check) => check.code);
}
