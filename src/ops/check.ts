import { createHash } from 'node:crypto';
import { comparableLines, fingerprintOf } from '../boot/fingerprint.ts';
import { judge, worstVerdict, type Judgement } from '../boot/judge.ts';
import type { BootFacts } from '../boot/types.ts';
import { readHost } from '../host/read-host.ts';
import type { HostFacts } from '../host/types.ts';
import { BellwetherError } from '../protocol/errors.ts';
import type { CheckAnswer, CheckRequest, KernelReport, Platform, Unknown } from '../protocol/messages.ts';
import { suggest } from '../protocol/suggest.ts';
import { knownCodes } from './explain.ts';
import { gatherFacts, type ReadImage } from './gather-facts.ts';
import { readTargets, type ReadTargets } from './read-images.ts';
import { selectTargets, withImage, type Target } from './select-targets.ts';
import { summarize } from './summarize.ts';
import { unchanged } from './unchanged.ts';

interface Judged {
  readonly target: Target;
  readonly facts: BootFacts;
  readonly judgement: Judgement;
}

/**
 * Will the selected kernels of this host boot? Reads, judges, changes nothing.
 * @throws BellwetherError `bad_request`, `root_absent`, `kernel_absent`, `image_unreadable`, `baseline_absent`
 */
export async function check(request: CheckRequest, signal: AbortSignal): Promise<CheckAnswer> {
  const { params } = request;
  refuseUnknownCodes(params.ignore);
  const { host, targets, images, siblings } = await readWhatBoots(request, signal);
  const platform = params.platform === 'auto' ? null : params.platform;
  const judged = targets.map((target, index) =>
    judgeTarget(host, target, images[index], siblings, platform, params.ignore),
  );
  return answerFor(host, judged, request);
}

/** The images are read while the host is: what to read is known as soon as the boot entries are. */
async function readWhatBoots({ root, params }: CheckRequest, signal: AbortSignal) {
  let targets: readonly Target[] = [];
  let reading: Promise<ReadTargets> = Promise.resolve({ images: [], siblings: [] });
  const host = await readHost(root, {
    signal,
    select: (choices) => {
      const selected = selectTargets(choices, params.kernels);
      targets = params.image === undefined ? selected : withImage(selected, params.image);
      reading = readTargets(choices, targets, params, signal);
      // Awaited below; should the host itself fail first, that is the error to tell.
      reading.catch(() => undefined);
      return targets.map(({ kernel }) => kernel);
    },
  });
  return { host, targets, ...(await reading) };
}

function judgeTarget(
  host: HostFacts,
  target: Target,
  image: ReadImage | undefined,
  siblings: BootFacts['siblings'],
  platform: Platform | null,
  ignore: readonly string[],
): Judged {
  if (image === undefined) throw new Error(`the image of ${target.kernel} was not read`);
  const others = siblings.filter((sibling) => !target.images.includes(sibling.path));
  const facts = gatherFacts(host, target, image, others, platform);
  return { target, facts, judgement: judge(facts, ignore) };
}

function answerFor(host: HostFacts, judged: readonly Judged[], request: CheckRequest): CheckAnswer {
  const hostwide = unknownsOfHost(host, judged, request);
  const verdicts = judged.map(({ judgement }) => judgement.verdict);
  const verdict = worstVerdict(hostwide.length > 0 ? [...verdicts, 'unknown'] : verdicts);
  const findings = judged.flatMap(({ judgement }) => judgement.findings);
  const unknowns = [...hostwide, ...judged.flatMap(({ judgement }) => judgement.unknowns)];
  return {
    ...unchanged('check'),
    facts: host.source,
    verdict,
    summary: summarize(
      verdict,
      judged.map(({ target, judgement }) => ({ kernel: target.kernel, judgement })),
      hostwide,
    ),
    kernels: judged.map(reportOn),
    findings,
    unknowns,
    fingerprint: fingerprint(judged, verdict),
  };
}

/** What keeps the whole host from a verdict: no kernel at all, or nothing that tells what boots next. */
function unknownsOfHost(host: HostFacts, judged: readonly Judged[], request: CheckRequest): readonly Unknown[] {
  if (judged.length === 0) {
    return [
      {
        checkpoint: 'loader',
        kernel: null,
        what: 'which kernel would boot',
        reason: `no kernel is installed below ${host.root}`,
      },
    ];
  }
  const decided = judged.some(({ target }) => target.isDefault);
  const told = judged.some(({ judgement }) =>
    judgement.findings.some((finding) => finding.code === 'default_entry_stale'),
  );
  if (request.params.kernels !== 'default' || request.params.image !== undefined || decided || told) return [];
  return [
    {
      checkpoint: 'loader',
      kernel: null,
      what: 'what boots next; the newest kernel was judged instead',
      reason: host.loader.defaultEvidence,
    },
  ];
}

function reportOn({ target, facts, judgement }: Judged): KernelReport {
  return {
    kernel: target.kernel,
    entry: target.entry?.id ?? null,
    default: target.isDefault,
    image: target.images[target.images.length - 1] ?? null,
    images: [...target.images],
    verdict: judgement.verdict,
    checkpoints: { ...judgement.checkpoints },
    modules: facts.image?.modules.filter((module) => module.kernel === target.kernel).length ?? 0,
  };
}

function fingerprint(judged: readonly Judged[], verdict: CheckAnswer['verdict']): string {
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
