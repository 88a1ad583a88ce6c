import { createHash } from 'node:crypto';
import { comparableLines, fingerprintOf } from '../boot/fingerprint.ts';
import type { CheckAnswer, CheckRequest } from '../protocol/messages.ts';
import { look, reportView, type View } from './look.ts';
import { unchanged } from './unchanged.ts';

/**
 * Will the selected kernels of this host boot? Reads, judges, changes nothing.
 * @throws BellwetherError `bad_request`, `root_absent`, `kernel_absent`, `image_unreadable`, `baseline_absent`
 */
export async function check(request: CheckRequest, signal: AbortSignal): Promise<CheckAnswer> {
  const view = await look(request, signal);
  return { ...unchanged('check'), ...reportView(view), summary: view.summary, fingerprint: fingerprint(view) };
}

function fingerprint({ judged, verdict }: View): string {
  const hash = createHash('sha256');
  for (const { facts, judgement } of judged) hash.update(`${comparableLines(facts, judgement).join('\n')}\n\n`);
  return fingerprintOf(verdict, judged[0]?.target.kernel ?? '-', hash.digest('hex'));
}
