import { judge, type Judgement } from '../../boot/judge.ts';
import type { BootFacts } from '../../boot/types.ts';
import type { ImageState } from '../../protocol/messages.ts';
import type { Judged } from '../look.ts';

/** One image file for itself, whatever the boot entry says of it. */
export interface JudgedImage {
  readonly state: ImageState;
  /** Codes of what is fatal, each once. */
  readonly faults: readonly string[];
  readonly mendable: readonly string[];
  readonly judgement: Judgement;
}

/** The image of a judged kernel as `params.image` would have it judged: nothing is read again. */
export function judgeAlone({ facts, terms }: Judged): JudgedImage | null {
  if (facts.image === null) return null;
  const alone: BootFacts = { ...facts, entry: null, imageAsked: true, imageError: null };
  return describeImage(alone, judge(alone, terms.ignore));
}

/** @param facts those that it was judged by; they hold the image */
export function describeImage({ image, kernel }: BootFacts, judgement: Judgement): JudgedImage {
  const fatal = judgement.findings.filter(({ severity, ignored }) => severity === 'fatal' && ignored !== true);
  const codes = (findings: Judgement['findings']): string[] => [...new Set(findings.map(({ code }) => code))];
  const index = image?.indexes.get(kernel.kernel);
  return {
    state: {
      size: image?.files.reduce((sum, { size }) => sum + size, 0) ?? 0,
      modules: image?.modules.filter((module) => module.kernel === kernel.kernel).length ?? 0,
      indexed: index === undefined ? null : index.modules.size,
      verdict: judgement.verdict,
      findings: codes(judgement.findings),
    },
    faults: codes(fatal),
    mendable: codes(fatal.filter(({ repair }) => repair.includes('rebuild'))),
    judgement,
  };
}
