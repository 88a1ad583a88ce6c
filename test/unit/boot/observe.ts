/** What one rule says of given facts, told apart: defects, and what it could not decide. */
import { requirementsOf } from '../../../src/boot/requirements.ts';
import type { BootFacts, Check, Observation } from '../../../src/boot/types.ts';

type Defect = Extract<Observation, { defect: true }>;
type Undecided = Extract<Observation, { defect: false }>;

export function observe(
  check: Check,
  facts: BootFacts,
): { defects: readonly Defect[]; unknowns: readonly Undecided[] } {
  const all = [...check.observe(facts, requirementsOf(facts))];
  return {
    defects: all.filter((observation) => observation.defect),
    unknowns: all.filter((observation) => !observation.defect),
  };
}

/** How bad the rule calls what it found, as the verdict will count it. */
export function severities(check: Check, facts: BootFacts): readonly string[] {
  return observe(check, facts).defects.map(({ severity }) => severity ?? check.severity);
}
