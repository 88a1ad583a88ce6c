import type { Change, ImageState, MendAnswer, RebuiltImage, Step } from '../../protocol/messages.ts';
import { shellWords } from '../../protocol/shell-words.ts';
import { dress, renderHostwide, renderKernel, renderNote } from './check-text.ts';
import { commandLines } from './cure.ts';
import { printable, wrap, type Style } from './style.ts';

/** What would be done, step by step, with the reason and the command of each. */
export function renderPlan({ op, steps }: Pick<MendAnswer, 'op' | 'steps'>, style: Style): string {
  const head = style.strong(`${op}: ${steps.length === 1 ? 'one step' : `${steps.length} steps`}`);
  return `${[head, '', ...steps.flatMap((step, index) => renderStep(step, index + 1, style))].join('\n')}\n`;
}

/** The answer of an operation that may change a host: what was done, what is different now, what the check says now. */
export function renderMend(answer: MendAnswer, style: Style, root = '/'): string {
  const doubtful = answer.kernels.filter(({ verdict }) => verdict !== 'healthy');
  const parts = [
    ...(answer.steps.length === 0 ? [] : [renderPlan(answer, style).trimEnd()]),
    renderChanges(answer, style),
    renderImages(answer, style),
    // A plan changes no verdict, and a lock or a package need not lead to one: the summary says it.
    ...(answer.dry_run || !isAboutVerdict(answer)
      ? []
      : [
          ...doubtful.map((report) => renderKernel(report, answer, style, root)),
          renderHostwide(answer, style, root),
          doubtful.length === 0 ? [] : renderNote(answer, style, root),
        ].map(joined)),
    joined(closing(answer, style)),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function renderStep({ action, what, command, because }: Step, number: number, style: Style): readonly string[] {
  const indent = ' '.repeat(6);
  const width = style.columns - indent.length;
  return [
    `${String(number).padStart(3)}   ${style.strong(`${action.replace(/_/g, ' ')} ${printable(what)}`)}`,
    ...wrap(`because ${printable(because)}`, width).map((line) => indent + line),
    ...(command === null
      ? []
      : [...commandLines(shellWords(command), width).map((line) => style.faint(indent + printable(line)))]),
    '',
  ];
}

function renderChanges({ changes, dry_run }: MendAnswer, style: Style): string {
  if (changes.length === 0) return '';
  const head = style.strong(dry_run ? 'would change' : 'changed');
  return joined([head, ...changes.flatMap((change) => renderChange(change, style))]);
}

function renderChange({ what, before, after }: Change, style: Style): readonly string[] {
  return [
    `  ${printable(what)}`,
    ...(before === null ? [] : [style.bad(`    - ${text(before)}`)]),
    ...(after === null ? [] : [style.good(`    + ${text(after)}`)]),
  ];
}

function text(value: unknown): string {
  return printable(typeof value === 'string' ? value : JSON.stringify(value));
}

function renderImages(answer: MendAnswer, style: Style): string {
  if (!('images' in answer)) return '';
  return joined(answer.images.filter(({ after }) => after !== null).flatMap((image) => renderImage(image, style)));
}

function renderImage(image: RebuiltImage, style: Style): readonly string[] {
  const { path, before, after, findings_gone: gone, backup, build_ms: time } = image;
  const row = (name: string, of: (state: ImageState) => string) => {
    const [from, to] = [before, after].map((state) => (state === null ? 'none' : of(state)));
    return `  ${name.padEnd(18)}${(from ?? '').padEnd(16)}${to ?? ''}`;
  };
  return [
    style.strong(printable(path)),
    `  ${''.padEnd(18)}${'before'.padEnd(16)}after`,
    row('verdict', ({ verdict }) => verdict),
    row('size', ({ size }) => `${(size / 1e6).toFixed(1)} MB`),
    row('modules', ({ modules }) => String(modules)),
    row('indexed', ({ indexed }) => (indexed === null ? 'unknown' : String(indexed))),
    ...(gone.length === 0 ? [] : wrap(`gone: ${gone.join(', ')}`, style.columns - 2).map((line) => `  ${line}`)),
    ...(backup === null ? [] : [`  the old one is kept as ${printable(backup)}`]),
    ...(time === null ? [] : [`  built in ${(time / 1000).toFixed(1)} s`]),
  ];
}

function closing(answer: MendAnswer, style: Style): readonly string[] {
  // Where there was nothing to do, nothing was judged: the verdict is unknown, and all is as asked for.
  const isUnjudged = !isAboutVerdict(answer) && answer.steps.length === 0;
  const verdict = isUnjudged ? 'healthy' : answer.verdict;
  const lines = wrap(printable(answer.summary), style.columns).map((line) => dress(verdict, line, style));
  const dry = answer.dry_run && answer.steps.length > 0 ? ['Nothing was done: this was a dry run.'] : [];
  return [...lines, ...dry, ...(answer.truncated === true ? ['(shortened: --detail full shows all)'] : [])];
}

/** A lock and a reinstall are about packages. */
function isAboutVerdict({ op }: Pick<MendAnswer, 'op'>): boolean {
  return op !== 'lock' && op !== 'reinstall';
}

function joined(lines: readonly string[]): string {
  return lines.join('\n');
}
