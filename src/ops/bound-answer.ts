import type { Answer, CheckAnswer, Finding, InspectAnswer, MendAnswer } from '../protocol/messages.ts';

/** Bytes that a `summary` answer has at most. */
export const MAX_SUMMARY_BYTES = 16 * 1024;
const SHOWN_ITEMS = 10;
const SHOWN_TEXT = 600;

/**
 * Cuts an answer to what `detail: "summary"` allows, worst news first, and says so with `truncated`. The verdict, the
 * summary and the fingerprint are never cut.
 */
export function boundAnswer(answer: Answer): Answer {
  if (answer.error !== null || answer.op === 'version') return answer;
  return answer.op === 'inspect' ? boundInspect(answer) : boundJudgement(answer);
}

function boundJudgement<A extends CheckAnswer | MendAnswer>(answer: A): A {
  const short = { ...answer, findings: answer.findings.map(shortenFinding) };
  let bounded: A = sizeOf(short) === sizeOf(answer) ? answer : { ...short, truncated: true };
  // Findings and unknowns stand in order of severity: what goes first is the least.
  while (sizeOf(bounded) > MAX_SUMMARY_BYTES) {
    const { findings, unknowns, kernels } = bounded;
    if (findings.length > 1) bounded = { ...bounded, findings: dropQuarter(findings), truncated: true };
    else if (unknowns.length > 1) bounded = { ...bounded, unknowns: dropQuarter(unknowns), truncated: true };
    else if (kernels.length > 1) bounded = { ...bounded, kernels: dropQuarter(kernels), truncated: true };
    else return { ...bounded, findings: [], unknowns: [], truncated: true };
  }
  return bounded;
}

function boundInspect(answer: InspectAnswer): InspectAnswer {
  const facts = shorten(answer.facts, SHOWN_ITEMS);
  if (sizeOf({ ...answer, facts }) <= MAX_SUMMARY_BYTES)
    return sizeOf(facts) === sizeOf(answer.facts) ? answer : { ...answer, facts, truncated: true };
  for (let items = SHOWN_ITEMS; items >= 1; items--) {
    const shorter = { ...answer, facts: shorten(answer.facts, items), truncated: true };
    if (sizeOf(shorter) <= MAX_SUMMARY_BYTES) return shorter;
  }
  return { ...answer, facts: { ...answer.facts, loader: {}, storage: [], kernels: [], unread: [] }, truncated: true };
}

function shortenFinding(finding: Finding): Finding {
  return { ...finding, message: shortenText(finding.message), evidence: shorten(finding.evidence, SHOWN_ITEMS) };
}

/** The same value with lists cut to `items` and texts to a bounded length, however deep. */
function shorten<T>(value: T, items: number): T;
function shorten(value: unknown, items: number): unknown {
  if (typeof value === 'string') return shortenText(value);
  if (isList(value)) return value.slice(0, items).map((item) => shorten(item, items));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shorten<unknown>(inner, items)]));
  }
  return value;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function shortenText(text: string): string {
  return text.length > SHOWN_TEXT ? `${text.slice(0, SHOWN_TEXT - 1)}…` : text;
}

function dropQuarter<T>(list: readonly T[]): T[] {
  return list.slice(0, Math.max(1, Math.floor(list.length * 0.75)));
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
