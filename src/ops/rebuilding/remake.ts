import type { KernelReport } from '../../protocol/messages.ts';
import type { Judged } from '../look.ts';
import { imagesToBuild } from './main-images.ts';
import { otherMaker } from './refuse.ts';

/** How the images of a kernel are made anew: what a generator has to write, or why none may, and what does it then. */
export function remakeOf(judged: Judged): NonNullable<KernelReport['remake']> {
  const other = otherMaker(judged);
  if (other !== null)
    return {
      images: [],
      because: other.error.message,
      command: other.command === null ? null : [...other.command],
    };
  const { target, facts } = judged;
  if (target.imageAsked && facts.host.root !== '/')
    return { images: [], because: 'it is a file of another machine than the host that is judged', command: null };
  return { images: [...imagesToBuild(judged)], because: null, command: null };
}
