import { BellwetherError } from '../../protocol/errors.ts';
import type { Built } from './build-image.ts';
import type { JudgedImage } from './image-state.ts';
import type { PlannedImage } from './types.ts';

/** Findings that are told of a refused image; the log beside them is what takes room. */
const SHOWN = 8;

/** A new image that does not take the place of the old one: what is wrong with it, and what its generator said last. */
export function refuseImage(
  { path, kernel, before, builder }: PlannedImage,
  { state, judgement }: JudgedImage,
  built: Built,
  because: string,
): BellwetherError {
  const fatal = judgement.findings.filter(({ severity }) => severity === 'fatal');
  return new BellwetherError(
    'image_refused',
    `${path} was not replaced: ${because}; ${before === null ? 'there is none, as before' : 'the old image is as it was'}`,
    {
      hint: fatal.some(({ repair }) => repair.includes('reinstall'))
        ? `kmod, ${builder.name} or the kernel may be damaged: \`bellwether repair\`, or \`bellwether reinstall kmod\` first`
        : 'the findings say what the new image lacks; `bellwether repair` adds drivers that are missing',
      at: {
        path,
        kernel,
        before,
        after: state,
        findings: fatal.slice(0, SHOWN).map(({ code, message, repair }) => ({ code, message, repair })),
        unknowns: judgement.unknowns.slice(0, SHOWN).map(({ what, reason }) => `${what}: ${reason}`),
        log: [...built.log],
      },
    },
  );
}
