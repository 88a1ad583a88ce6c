import type { Checkpoint, CheckpointState, Finding, Severity, Unknown, Verdict } from '../protocol/messages.ts';
import { CHECKS } from './checks/index.ts';
import { initrdNeed } from './initrd-need.ts';
import { requirementsOf } from './requirements.ts';
import type { BootFacts, Check, Observation, Requirement } from './types.ts';

/** Boot order; `words.ts` has the same list for the protocol, and a test holds the two together. */
export const BOOT_ORDER: readonly Checkpoint[] = [
  'loader',
  'unpack',
  'init',
  'drivers',
  'devices',
  'root',
  'switch-root',
  'host',
];

/** What all rules together say of one kernel. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly checkpoints: Readonly<Record<Checkpoint, CheckpointState>>;
  readonly findings: readonly Finding[];
  readonly unknowns: readonly Unknown[];
}

/**
 * Walks the path that the boot of one kernel will take and asks every rule.
 * @param ignore codes that the site accepts: they stay among the findings, marked, and do not count
 */
export function judge(facts: BootFacts, ignore: readonly string[] = []): Judgement {
  const requirements = requirementsOf(facts);
  const findings: Finding[] = [];
  const unknowns: Unknown[] = [];
  for (const check of CHECKS) {
    for (const observation of check.observe(facts, requirements)) {
      if (observation.defect) findings.push(toFinding(check, observation, facts, ignore));
      else
        unknowns.push({
          checkpoint: check.checkpoint,
          kernel: facts.kernel.kernel,
          what: observation.what,
          reason: observation.reason,
        });
    }
  }
  const unseen = isUnseen(facts, requirements);
  // No rule has an image to look at, nor a kernel file that would ask for one.
  if (unseen && unknowns.length === 0 && !findings.some(({ severity }) => severity === 'fatal'))
    unknowns.push({
      checkpoint: 'unpack',
      kernel: facts.kernel.kernel,
      what: `what ${facts.kernel.kernel} would boot with`,
      reason: 'there is no image',
    });
  findings.sort(byWeight);
  const told = dedupe(unknowns).sort(byBootOrder);
  const counted = findings.filter((finding) => finding.ignored !== true);
  return {
    verdict: verdictOf(counted, told),
    checkpoints: checkpointStates(counted, told, unseen ? INSIDE : []),
    findings,
    unknowns: told,
  };
}

/** Any fatal finding: unhealthy; else anything needed that could not be read: unknown; else healthy. */
export function verdictOf(findings: readonly Finding[], unknowns: readonly Unknown[]): Verdict {
  if (findings.some((finding) => finding.severity === 'fatal')) return 'unhealthy';
  return unknowns.length > 0 ? 'unknown' : 'healthy';
}

const BADNESS: Readonly<Record<Verdict, number>> = { healthy: 0, unknown: 1, unhealthy: 2 };

/** The verdict on a host: the worst of the selected kernels; none selected is unknown, never healthy. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce<Verdict>(
    (worst, next) => (BADNESS[next] > BADNESS[worst] ? next : worst),
    verdicts[0] ?? 'unknown',
  );
}

function toFinding(
  check: Check,
  observation: Observation & { defect: true },
  facts: BootFacts,
  ignore: readonly string[],
): Finding {
  return {
    code: check.code,
    severity: observation.severity ?? check.severity,
    checkpoint: check.checkpoint,
    kernel: facts.kernel.kernel,
    message: observation.message,
    evidence: { ...observation.evidence },
    repair: [...(observation.repair ?? check.repair)],
    ...(ignore.includes(check.code) ? { ignored: true } : {}),
  };
}

/** Where the boot goes by what is in the image. */
const INSIDE: readonly Checkpoint[] = ['unpack', 'init', 'drivers', 'devices'];

/** Whether the boot needs an image, or loads one, and nothing of it was seen. */
function isUnseen(facts: BootFacts, requirements: readonly Requirement[]): boolean {
  if (facts.image !== null) return false;
  return facts.imageError?.kind === 'unreadable' || initrdNeed(facts, requirements).needed !== false;
}

/** @param unseen those of which nothing could be looked at: what no rule complains of is not passed there */
function checkpointStates(
  findings: readonly Finding[],
  unknowns: readonly Unknown[],
  unseen: readonly Checkpoint[],
): Record<Checkpoint, CheckpointState> {
  const state = (checkpoint: Checkpoint): CheckpointState => {
    const severities = findings
      .filter((finding) => finding.checkpoint === checkpoint)
      .map((finding) => finding.severity);
    if (severities.includes('fatal')) return 'failed';
    if (unseen.includes(checkpoint) || unknowns.some((unknown) => unknown.checkpoint === checkpoint)) return 'unknown';
    return severities.includes('warning') ? 'warned' : 'passed';
  };
  return {
    loader: state('loader'),
    unpack: state('unpack'),
    init: state('init'),
    drivers: state('drivers'),
    devices: state('devices'),
    root: state('root'),
    'switch-root': state('switch-root'),
    host: state('host'),
  };
}

const RANK: Readonly<Record<Severity, number>> = { fatal: 0, warning: 1, note: 2 };

/** The worst first; then as the registry has the rules: in boot order, causes before what follows from them. */
function byWeight(a: Finding, b: Finding): number {
  return (
    RANK[a.severity] - RANK[b.severity] ||
    registryOrder(a.code) - registryOrder(b.code) ||
    compareText(a.message, b.message)
  );
}

function registryOrder(code: string): number {
  return CHECKS.findIndex((check) => check.code === code);
}

function byBootOrder(a: Unknown, b: Unknown): number {
  return BOOT_ORDER.indexOf(a.checkpoint) - BOOT_ORDER.indexOf(b.checkpoint) || compareText(textOf(a), textOf(b));
}

function textOf(unknown: Unknown): string {
  return `${unknown.what} ${unknown.reason}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function dedupe(unknowns: readonly Unknown[]): Unknown[] {
  return [...new Map(unknowns.map((unknown) => [`${unknown.checkpoint} ${textOf(unknown)}`, unknown])).values()];
}
