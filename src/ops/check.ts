import { createHash } from 'node:crypto';
import { comparableLines, fingerprintOf } from '../boot/fingerprint.ts';
import { BellwetherError } from '../protocol/errors.ts';
import type { CheckAnswer, CheckRequest } from '../protocol/messages.ts';
import { suggest } from '../protocol/suggest.ts';
import { knownCodes } from './explain.ts';
import { look, reportView, type View } from './look.ts';
import { unchanged } from './unchanged.ts';

/**
 * Will the selected kernels of this host boot? Reads, judges, changes nothing.
 * @throws BellwetherError `bad_request`, `root_absent`, `kernel_absent`, `image_unreadable`, `baseline_absent`
 */
export async function check(request: CheckRequest, signal: AbortSignal): Promise<CheckAnswer> {
  refuseUnknownCodes(request.params.ignore);
  const view = await look(request, signal);
  return { ...unchanged('check'), ...reportView(view), summary: view.summary, fingerprint: fingerprint(view) };
}

function fingerprint({ judged, verdict }: View): string {
  const hash = createHash('sha256');
  for (const { facts, judgement } of judged) hash.update(`${comparableLines(facts, judgement).join('\n')}\n\n`);
  return fingerprintOf(verdict, judged[0]?.target.kernel ?? '-', hash.digest('hex'));
}

function refuseUnknownCodes(ignore: readonly string[]): void {
  const known = knownCodes();
  for (const code of ignore) {
    if (known.includes(code)) continue;
    const near = suggest(code, known);
    throw new BellwetherError(
      'bad_request',
      `"params.ignore" holds "${code}", which is no finding's code${near === null ? '' : ` (did you mean "${near}"?)`}`,
      {
        hint: 'docs/findings.md lists every code',
      },
    );
  }
}
