import type { KernelReport } from '../../protocol/messages.ts';
import type { Judged } from '../look.ts';
import { imagesToBuild } from './main-images.ts';
import { otherMaker } from './refuse.ts';

/** How the images of a kernel are made anew: what a generator has to write, or why none may, and what does it then. */
export function remakeOf(judged: Judged): NonNullable<KernelReport['remake']> {
  const { target, facts } = judged;
  const generator = facts.host.generator?.name ?? facts.image?.generator ?? null;
  const other = otherMaker(judged);
  if (other !== null)
    return {
      images: [],
      generator,
      because: other.error.message,
      command: other.command === null ? null : [...other.command],
    };
  if (target.imageAsked && facts.host.root !== '/')
    return {
      images: [],
      generator,
      because: 'it is a file of another machine than the host that is judged',
      command: null,
    };
  return { images: [...imagesToBuild(judged)], generator, because: null, command: null };
}
