import { explain } from '../../ops/explain.ts';
import type {
  CheckAnswer,
  CheckpointState,
  Checkpoint,
  Finding,
  KernelReport,
  Unknown,
  Verdict,
} from '../../protocol/messages.ts';
import { CHECKPOINTS } from '../../protocol/words.ts';
import { concreteCure, concreteText, type Group } from './concrete-cure.ts';
import { cureLines } from './cure.ts';
import { noteOn, type Place } from './place.ts';
import { printable, wrap, type Style } from './style.ts';

const QUESTIONS: Readonly<Record<Checkpoint, string>> = {
  loader: 'the entry names a kernel and an image that are there',
  unpack: 'the kernel can unpack every part of the image',
  init: '/init starts, with all that it is linked to',
  drivers: 'each driver on the way to / is in the image or the kernel',
  devices: 'each storage layer has its tools and rules',
  root: 'what the command line names exists',
  'switch-root': 'the root file system can take over',
  host: 'the host itself is in order',
};

const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  healthy: 'HEALTHY',
  unhealthy: 'UNHEALTHY',
  unknown: 'UNKNOWN',
};

/** What of an answer the blocks are made from: a check's, or that of a mend, which ends with a check. */
export type Seen = Pick<CheckAnswer, 'facts' | 'kernels' | 'findings' | 'unknowns'>;

/**
 * The answer to `check` for a person: a block per kernel, then what concerns none of them, then what to do.
 * @param root the host's, as it was asked for: what the commands of the cures act on
 */
export function renderCheck(answer: CheckAnswer, style: Style, root = '/'): string {
  const blocks = answer.kernels.map((report) => renderKernel(report, answer, style, root));
  const hostwide = renderHostwide(answer, style, root);
  const note = renderNote(answer, style, root);
  const closing = wrap(printable(answer.summary), style.columns).map((line) => dress(answer.verdict, line, style));
  const cut = answer.truncated === true ? ['(shortened: --detail full shows all)'] : [];
  return `${[...blocks.map((block) => block.join('\n')), hostwide.join('\n'), note.join('\n'), [...closing, ...cut].join('\n')].filter((part) => part !== '').join('\n\n')}\n`;
}

/** What concerns no kernel alone. */
export function renderHostwide({ facts, findings, unknowns }: Seen, style: Style, root: string): readonly string[] {
  return renderNews(ofKernel(findings, null), ofKernel(unknowns, null), style, { facts, root }, null);
}

/** Where the commands are to be typed, if that is not plain. */
export function renderNote({ facts, findings }: Seen, style: Style, root: string): readonly string[] {
  return findings.length === 0 ? [] : toBeShown(cureLines(noteOn({ facts, root }), style.columns));
}

/** One kernel: its verdict, each checkpoint, each finding with its cure. */
export function renderKernel(report: KernelReport, answer: Seen, style: Style, root: string): readonly string[] {
  const verdict = VERDICT_WORDS[report.verdict];
  const name = printable(report.kernel) + (report.default ? ' (boots next)' : '');
  const gap = ' '.repeat(Math.max(2, style.columns - name.length - verdict.length));
  const images = report.images.length > 0 ? report.images : ['no image'];
  return [
    `${style.strong(name)}${gap}${dress(report.verdict, verdict, style)}`,
    ...images.map((image) => style.faint(`  ${printable(image)}`)),
    '',
    ...CHECKPOINTS.map((checkpoint) => renderCheckpoint(checkpoint, report.checkpoints[checkpoint], style)),
    ...spaced(
      renderNews(
        ofKernel(answer.findings, report.kernel),
        ofKernel(answer.unknowns, report.kernel),
        style,
        { facts: answer.facts, root },
        report,
      ),
    ),
  ];
}

function spaced(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...lines];
}

function renderCheckpoint(checkpoint: Checkpoint, state: CheckpointState, style: Style): string {
  const label = `${checkpoint.padEnd(12)} ${QUESTIONS[checkpoint]}`;
  switch (state) {
    case 'passed':
      return `  ${style.good('  ok  ')} ${label}`;
    case 'warned':
      return `  ${style.doubtful(' warn ')} ${label}`;
    case 'failed':
      return `  ${style.bad(' FAIL ')} ${style.strong(label)}`;
    case 'unknown':
      return `  ${style.doubtful('  ??  ')} ${label}`;
  }
}

/** What these find amiss in an image that cannot be unpacked whole is most often what was lost. */
const INSIDE: ReadonlySet<Checkpoint> = new Set(['init', 'drivers', 'devices', 'switch-root']);

function renderNews(
  findings: readonly Finding[],
  unknowns: readonly Unknown[],
  style: Style,
  place: Place,
  report: KernelReport | null,
): readonly string[] {
  const isBroken = findings.some(({ checkpoint, severity, ignored }) => {
    return checkpoint === 'unpack' && severity === 'fatal' && ignored !== true;
  });
  const isLost = ({ checkpoint }: Finding): boolean => isBroken && INSIDE.has(checkpoint);
  const lost = findings.filter(isLost);
  const parts = [
    ...groupByCode(findings.filter((finding) => !isLost(finding))).map((group) =>
      renderFindings(group, report, style, place),
    ),
    ...(lost.length === 0 ? [] : [renderConsequences(lost, style)]),
    ...unknowns.map((unknown) => renderUnknown(unknown, style)),
  ];
  return parts.flatMap((part, index) => (index === 0 ? part : ['', ...part]));
}

/** Findings of one code share their meaning and their cure: told once. */
function groupByCode(findings: readonly Finding[]): readonly Group[] {
  const groups = new Map<string, [Finding, ...Finding[]]>();
  for (const finding of findings) {
    const key = `${finding.severity} ${finding.code}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return [...groups.values()];
}

function renderFindings(group: Group, report: KernelReport | null, style: Style, place: Place): readonly string[] {
  const [first] = group;
  const { symptom, cause, cure } = explain(first.code);
  const accepted = first.ignored === true;
  const head = `  ${first.severity}${accepted ? ', accepted here' : ''}: ${first.code}`;
  const concrete = (text: string) => concreteText(text, group, report, place);
  const parts = concreteCure(cure, group, report, place);
  return [
    first.severity === 'fatal' && !accepted ? style.bad(head) : style.doubtful(head),
    ...group.flatMap((finding) => paragraph('', finding.message, style)),
    ...paragraph('why it matters', concrete(symptom), style),
    ...paragraph('usual cause', concrete(cause), style),
    ...labelled('cure', toBeShown(cureLines(parts, style.columns - 4 - LABEL_WIDTH)), style),
  ];
}

function renderConsequences(findings: readonly Finding[], style: Style): readonly string[] {
  const counts = new Map<string, number>();
  for (const { code } of findings) counts.set(code, (counts.get(code) ?? 0) + 1);
  const codes = [...counts].map(([code, count]) => (count === 1 ? code : `${code} (${count})`));
  return [
    style.doubtful('  also, in what could be unpacked, and likely to go with it'),
    ...paragraph('', codes.join(', '), style),
  ];
}

function toBeShown(lines: readonly string[]): readonly string[] {
  return lines.map(printable);
}

function renderUnknown(unknown: Unknown, style: Style): readonly string[] {
  return [
    style.doubtful(`  not known: ${unknown.checkpoint}`),
    ...paragraph('', unknown.what, style),
    ...paragraph('because', unknown.reason, style),
  ];
}

const LABEL_WIDTH = 16;

function paragraph(label: string, text: string, style: Style): readonly string[] {
  if (label === '') return wrap(printable(text), style.columns - 4).map((line) => `    ${line}`);
  return labelled(label, wrap(printable(text), style.columns - 4 - LABEL_WIDTH), style);
}

function labelled(label: string, lines: readonly string[], style: Style): readonly string[] {
  return lines.map((line, index) => `    ${style.faint((index === 0 ? label : '').padEnd(LABEL_WIDTH))}${line}`);
}

function ofKernel<T extends { readonly kernel: string | null }>(
  items: readonly T[],
  kernel: string | null,
): readonly T[] {
  return items.filter((item) => item.kernel === kernel);
}

/** Text in the colour of a verdict. */
export function dress(verdict: Verdict, text: string, style: Style): string {
  switch (verdict) {
    case 'healthy':
      return style.good(text);
    case 'unhealthy':
      return style.bad(text);
    case 'unknown':
      return style.doubtful(text);
  }
}
