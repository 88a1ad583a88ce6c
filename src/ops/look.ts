import { judge, worstVerdict, type Judgement } from '../boot/judge.ts';
import type { BootFacts, CopyState, SignatureState } from '../boot/types.ts';
import { readHost } from '../host/read-host.ts';
import type { HostFacts } from '../host/types.ts';
import type { CheckRequest, Finding, KernelReport, Unknown, Verdict } from '../protocol/messages.ts';
import { comparePrograms } from './compare-programs.ts';
import { gatherFacts, type ReadImage } from './gather-facts.ts';
import { RequestMemory } from './request-memory.ts';
import { foreseeKeys, proveSignatures } from './prove-signatures.ts';
import { packageReader } from './read-packages.ts';
import { readTargets, type ReadTargets } from './read-images.ts';
import { remakeOf } from './rebuilding/remake.ts';
import { refuseUnknownCodes } from './refuse-unknown-codes.ts';
import { selectTargets, withImage, type Target } from './select-targets.ts';
import { summarize } from './summarize.ts';

/** What a host is looked at for. */
export interface Question {
  readonly root: string;
  readonly params: Pick<CheckRequest['params'], 'kernels' | 'image' | 'baseline'> &
    Partial<Pick<CheckRequest['params'], 'platform' | 'ignore'>>;
  /** Locks that are to be there: what is missing of them is a finding. */
  readonly locksAsked?: BootFacts['locksAsked'];
}

/** By what a host is judged beside its own facts. */
export type Terms = Required<Pick<CheckRequest['params'], 'platform' | 'ignore'>>;

/** One selected kernel, what is known of it, and what the rules say. */
export interface Judged {
  readonly terms: Terms;
  readonly target: Target;
  readonly facts: BootFacts;
  readonly judgement: Judgement;
}

/** A host, read and judged. */
export interface View {
  /** What it was looked at for. */
  readonly question: Question;
  readonly host: HostFacts;
  readonly judged: readonly Judged[];
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  readonly unknowns: readonly Unknown[];
  /** In one sentence. */
  readonly summary: string;
}

/**
 * Reads a host and judges the selected kernels: what every operation begins with, and what proves those that change
 * something. Changes nothing.
 * @param memory of what was read for the same request before
 * @throws BellwetherError `bad_request`, `root_absent`, `kernel_absent`, `image_unreadable`, `baseline_absent`
 */
export async function look(question: Question, signal: AbortSignal, memory = new RequestMemory()): Promise<View> {
  const { params } = question;
  refuseUnknownCodes(params.ignore ?? []);
  const { host, targets, images, siblings } = await readWhatBoots(question, signal, memory);
  return viewOf(
    question,
    host,
    await Promise.all(
      targets.map((target, index) =>
        judgeTarget(host, target, images[index], siblings, termsOf(params), { signal, memory }, question.locksAsked),
      ),
    ),
  );
}

/**
 * A kernel that was judged, with another file as its image: what was read of the host stands.
 * @param path as this machine names it
 * @throws BellwetherError `image_unreadable`
 */
export async function judgeWithImage(
  { target, facts, terms }: Judged,
  path: string,
  signal: AbortSignal,
  memory: RequestMemory,
): Promise<Judged> {
  const { host } = facts;
  const [instead] = withImage([target], path);
  if (instead === undefined) throw new Error(`${target.kernel} is no target any more`);
  const { images, siblings } = await readTargets(host, [instead], { image: path }, signal, memory);
  return judgeTarget(host, instead, images[0], siblings, terms, { signal, memory });
}

function viewOf(question: Question, host: HostFacts, judged: readonly Judged[]): View {
  const hostwide = unknownsOfHost(host, judged, question.params);
  const verdicts = judged.map(({ judgement }) => judgement.verdict);
  const verdict = worstVerdict(hostwide.length > 0 ? [...verdicts, 'unknown'] : verdicts);
  return {
    question,
    host,
    judged,
    verdict,
    findings: judged.flatMap(({ judgement }) => judgement.findings),
    unknowns: [...hostwide, ...judged.flatMap(({ judgement }) => judgement.unknowns)],
    summary: summarize(
      verdict,
      judged.map(({ target, judgement }) => ({ kernel: target.kernel, judgement })),
      hostwide,
    ),
  };
}

/** What was seen of one of the kernels that were looked at. */
export function judgedOf({ judged }: Pick<View, 'judged'>, kernel: string): Judged {
  const found = judged.find(({ target }) => target.kernel === kernel);
  if (found === undefined) throw new Error(`${kernel} is not among the kernels that were judged`);
  return found;
}

/** The part of an answer that tells what was seen: the same in a check and after a mend. */
export function reportView({ host, judged, verdict, findings, unknowns }: View) {
  return {
    facts: host.source,
    verdict,
    kernels: judged.map(reportOn),
    findings: [...findings],
    unknowns: [...unknowns],
  };
}

/** The images are read while the host is: what to read is known as soon as the boot entries are. */
async function readWhatBoots({ root, params }: Question, signal: AbortSignal, memory: RequestMemory) {
  let targets: readonly Target[] = [];
  let reading: Promise<ReadTargets> = Promise.resolve({ images: [], siblings: [] });
  const host = await readHost(root, {
    signal,
    packages: packageReader(signal),
    select: (choices) => {
      const selected = selectTargets(choices, params.kernels);
      targets = params.image === undefined ? selected : withImage(selected, params.image);
      reading = readTargets(choices, targets, params, signal, memory);
      // Awaited below; should the host itself fail first, that is the error to tell.
      reading.catch(() => undefined);
      const kernels = targets.map(({ kernel }) => kernel);
      foreseeKeys(choices, kernels, memory);
      return kernels;
    },
  });
  return { host, targets, ...(await reading) };
}

async function judgeTarget(
  host: HostFacts,
  target: Target,
  image: ReadImage | undefined,
  siblings: BootFacts['siblings'],
  terms: Terms,
  { signal, memory }: { readonly signal: AbortSignal; readonly memory: RequestMemory },
  locksAsked: Question['locksAsked'] = [],
): Promise<Judged> {
  if (image === undefined) throw new Error(`the image of ${target.kernel} was not read`);
  const { platform } = terms;
  const others = siblings.filter((sibling) => !target.images.includes(sibling.path));
  // Which are in question the other facts tell: they are filled in before anything is judged.
  const signatures = new Map<string, SignatureState>();
  const copies = new Map<string, CopyState>();
  const asked = platform === 'auto' ? null : platform;
  const facts = gatherFacts(host, target, image, others, asked, locksAsked, { signatures, copies });
  for (const [path, state] of await proveSignatures(facts, memory)) signatures.set(path, state);
  for (const [path, state] of await comparePrograms(facts, signal)) copies.set(path, state);
  return judgeFacts(target, facts, terms);
}

function termsOf({ platform = 'auto', ignore = [] }: Question['params']): Terms {
  return { platform, ignore };
}

function judgeFacts(target: Target, facts: BootFacts, terms: Terms): Judged {
  return { terms, target, facts, judgement: judge(facts, terms.ignore) };
}

/** What keeps the whole host from a verdict: no kernel at all, or nothing that tells what boots next. */
function unknownsOfHost(host: HostFacts, judged: readonly Judged[], params: Question['params']): readonly Unknown[] {
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
  if (params.kernels !== 'default' || params.image !== undefined || decided || told) return [];
  return [
    {
      checkpoint: 'loader',
      kernel: null,
      what: 'what boots next; the newest kernel was judged instead',
      reason: host.loader.defaultEvidence,
    },
  ];
}

function reportOn(judged: Judged): KernelReport {
  const { target, facts, judgement } = judged;
  return {
    kernel: target.kernel,
    entry: target.entry?.id ?? null,
    default: target.isDefault,
    image: target.images[target.images.length - 1] ?? null,
    images: [...target.images],
    verdict: judgement.verdict,
    checkpoints: { ...judgement.checkpoints },
    modules: facts.image?.modules.filter((module) => module.kernel === target.kernel).length ?? 0,
    remake: remakeOf(judged),
  };
}
