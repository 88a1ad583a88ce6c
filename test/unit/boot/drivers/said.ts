import { requirementsOf } from '../../../../src/boot/requirements.ts';
import type { BootFacts, Check, Observation } from '../../../../src/boot/types.ts';

/** All that a rule says of these facts, in its order, with the severity that it would be given. */
export function said(check: Check, facts: BootFacts): readonly Observation[] {
  return [...check.observe(facts, requirementsOf(facts))].map((observation) =>
    observation.defect ? { severity: check.severity, ...observation } : observation,
  );
}
