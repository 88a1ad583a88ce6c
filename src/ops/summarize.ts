import type { Judgement } from '../boot/judge.ts';
import type { Unknown, Verdict } from '../protocol/messages.ts';

interface Named {
  readonly kernel: string;
  readonly judgement: Judgement;
}

/** The verdict in one sentence, for a person who reads nothing else. */
export function summarize(verdict: Verdict, kernels: readonly Named[], hostwide: readonly Unknown[]): string {
  switch (verdict) {
    case 'healthy':
      return `${listed(kernels)} will boot${warnings(kernels)}`;
    case 'unhealthy': {
      const worst = kernels.filter(({ judgement }) => judgement.verdict === 'unhealthy');
      const first = worst[0]?.judgement.findings.find(
        (finding) => finding.severity === 'fatal' && finding.ignored !== true,
      );
      return `${listed(worst)} will not boot${first === undefined ? '' : `: ${first.message}`}`;
    }
    case 'unknown': {
      const first = hostwide[0] ?? kernels.flatMap(({ judgement }) => judgement.unknowns)[0];
      return `it cannot be told whether this host will boot${first === undefined ? '' : `: ${first.what} (${first.reason})`}`;
    }
  }
}

function listed(kernels: readonly Named[]): string {
  return kernels.map(({ kernel }) => kernel).join(', ');
}

function warnings(kernels: readonly Named[]): string {
  const count = kernels
    .flatMap(({ judgement }) => judgement.findings)
    .filter((finding) => finding.severity === 'warning' && finding.ignored !== true).length;
  return count === 0 ? '' : `, with ${count === 1 ? 'one warning' : `${count} warnings`}`;
}
