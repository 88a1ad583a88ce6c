import { stringify } from 'yaml';
import type { InspectAnswer } from '../../protocol/messages.ts';
import { printable, type Style } from './style.ts';

/** The facts for a person: as YAML, headings set off. */
export function renderInspect(answer: InspectAnswer, style: Style): string {
  const text = printable(stringify(answer.facts, { lineWidth: style.columns }));
  const body = text.replace(/^[a-z_]+:/gm, (heading) => style.strong(heading));
  return `${style.strong(printable(answer.summary))}\n\n${body}`;
}
