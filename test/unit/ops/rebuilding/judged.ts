import { judge } from '../../../../src/boot/judge.ts';
import type { Judged } from '../../../../src/ops/look.ts';
import { facts, type FactsSpec } from '../../boot/facts.ts';

/** A kernel as a look at a sound host finds it, but for what differs. */
export function judged(spec: FactsSpec = {}): Judged {
  const all = facts(spec);
  const images = all.entry?.initrds.map(({ path, raw }) => path ?? raw) ?? all.kernel.images.slice(0, 1);
  return {
    terms: { platform: 'auto', ignore: [] },
    target: {
      kernel: all.kernel.kernel,
      entry: all.entry,
      isDefault: all.isDefault,
      images,
      imageAsked: false,
    },
    facts: all,
    judgement: judge(all),
  };
}
