import { expect } from '@jest/globals';
import type { CheckAnswer, Finding } from '../../src/protocol/messages.ts';

/** The codes of what would keep the host from booting, sorted, each once. */
export function fatalCodes({ findings }: CheckAnswer): string[] {
  const fatal = findings.filter(({ severity, ignored }) => severity === 'fatal' && ignored !== true);
  return [...new Set(fatal.map(({ code }) => code))].sort();
}

/** The host boots, and nothing at all is held against it. */
export function expectHealthy(answer: CheckAnswer): void {
  const { verdict, unknowns, findings } = answer;
  expect({ verdict, unknowns, findings }).toEqual({ verdict: 'healthy', unknowns: [], findings: [] });
}

/** The host does not boot for just these reasons; the answer is the first finding of the first code. */
export function expectUnhealthy(answer: CheckAnswer, ...codes: readonly [string, ...string[]]): Finding {
  const { verdict, findings } = answer;
  const expected = { verdict: 'unhealthy', codes: [...codes].sort(), findings };
  expect({ verdict, codes: fatalCodes(answer), findings }).toEqual(expected);
  return findingOf(answer, codes[0]);
}

/** The host does not boot for this reason, whatever else follows from it: of a cut image all that is behind the cut is missing. */
export function expectDamaged(answer: CheckAnswer, code: string): Finding {
  const finding = findingOf(answer, code);
  expect({ verdict: answer.verdict, severity: finding.severity }).toEqual({ verdict: 'unhealthy', severity: 'fatal' });
  return finding;
}

export function findingOf({ findings }: CheckAnswer, code: string): Finding {
  const found = findings.find((finding) => finding.code === code);
  if (found === undefined) {
    throw new Error(`no finding ${code} among: ${findings.map((each) => each.code).join(', ') || 'none'}`);
  }
  return found;
}
