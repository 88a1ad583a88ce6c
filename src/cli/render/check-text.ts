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

/** The answer to `check` for a person: a block per kernel, then what concerns none of them, then what to do. */
export function renderCheck(answer: CheckAnswer, style: Style): string {
  const blocks = answer.kernels.map((report) => renderKernel(report, answer, style));
  const hostwide = renderNews(ofKernel(answer.findings, null), ofKernel(answer.unknowns, null), style);
  const closing = wrap(printable(answer.summary), style.columns).map((line) => dress(answer.verdict, line, style));
  const cut = answer.truncated === true ? ['(shortened: --detail full shows all)'] : [];
  return `${[...blocks.map((block) => block.join('\n')), hostwide.join('\n'), [...closing, ...cut].join('\n')].filter((part) => part !== '').join('\n\n')}\n`;
}

function renderKernel(report: KernelReport, answer: CheckAnswer, style: Style): readonly string[] {
  const verdict = VERDICT_WORDS[report.verdict];
  const name = printable(report.kernel) + (report.default ? ' (boots next)' : '');
  const gap = ' '.repeat(Math.max(2, style.columns - name.length - verdict.length));
  const images = report.images.length > 0 ? report.images : ['no image'];
  return [
    `${style.strong(name)}${gap}${dress(report.verdict, verdict, style)}`,
    ...images.map((image) => style.faint(`  ${printable(image)}`)),
    '',
    ...CHECKPOINTS.map((checkpoint) => renderCheckpoint(checkpoint, report.checkpoints[checkpoint], style)),
    ...renderNews(ofKernel(answer.findings, report.kernel), ofKernel(answer.unknowns, report.kernel), style).flatMap(
      (line, index) => (index === 0 ? ['', line] : [line]),
    ),
  ];
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

function renderNews(findings: readonly Finding[], unknowns: readonly Unknown[], style: Style): readonly string[] {
  const parts = [
    ...findings.map((finding) => renderFinding(finding, style)),
    ...unknowns.map((unknown) => renderUnknown(unknown, style)),
  ];
  return parts.flatMap((part, index) => (index === 0 ? part : ['', ...part]));
}

function renderFinding(finding: Finding, style: Style): readonly string[] {
  const { symptom, cause, cure } = explain(finding.code);
  const severity = finding.ignored === true ? `${finding.severity}, accepted here` : finding.severity;
  const head = `  ${severity}: ${finding.code}`;
  const serious = finding.severity === 'fatal' && finding.ignored !== true;
  return [
    serious ? style.bad(head) : style.doubtful(head),
    ...paragraph('', finding.message, style),
    ...paragraph('why it matters', symptom, style),
    ...paragraph('usual cause', cause, style),
    ...paragraph('cure', cure, style),
  ];
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
  const indent = label === '' ? 4 : 4 + LABEL_WIDTH;
  return wrap(printable(text), style.columns - indent).map((line, index) =>
    label === '' ? `    ${line}` : `    ${style.faint((index === 0 ? label : '').padEnd(LABEL_WIDTH))}${line}`,
  );
}

function ofKernel<T extends { readonly kernel: string | null }>(
  items: readonly T[],
  kernel: string | null,
): readonly T[] {
  return items.filter((item) => item.kernel === kernel);
}

function dress(verdict: Verdict, text: string, style: Style): string {
  switch (verdict) {
    case 'healthy':
      return style.good(text);
    case 'unhealthy':
      return style.bad(text);
    case 'unknown':
      return style.doubtful(text);
  }
}
