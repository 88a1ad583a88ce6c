import type { CheckAnswer, Verdict } from '../../protocol/messages.ts';
import { printable } from './style.ts';

const STATUS_WORDS: Readonly<Record<Verdict, string>> = { healthy: 'OK', unhealthy: 'CRITICAL', unknown: 'UNKNOWN' };

/** One line and performance data, after the Monitoring Plugins guidelines; then a line per fatal finding. */
export function renderNagios(answer: CheckAnswer): string {
  const count = (severity: string) =>
    answer.findings.filter((finding) => finding.severity === severity && finding.ignored !== true).length;
  const first = `BOOT ${STATUS_WORDS[answer.verdict]} - ${oneLine(answer.summary)} | fatal=${count('fatal')};;0 warnings=${count('warning')} unknown=${answer.unknowns.length}`;
  const details = answer.findings
    .filter((finding) => finding.severity === 'fatal' && finding.ignored !== true)
    .map((finding) => `${finding.code}: ${oneLine(finding.message)}`);
  return `${[first, ...details].join('\n')}\n`;
}

/** The same where there is no answer. */
export function renderNagiosError(message: string): string {
  return `BOOT UNKNOWN - ${oneLine(message)}\n`;
}

/** A bar would begin the performance data. */
function oneLine(text: string): string {
  return printable(text.replace(/\s+/g, ' ')).replace(/\|/g, '/');
}
