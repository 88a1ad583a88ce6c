import type { JudgedImage } from './image-state.ts';
import type { Candidate } from './types.ts';

export type Acceptance =
  | { readonly accepted: true; /** Where it is not healthy: what is said of it. */ readonly reservation: string | null }
  | { readonly accepted: false; readonly because: string };

/**
 * Whether a new image may take the place of the old one: a healthy one may. One that is not may only where the old one
 * was not healthy either, where it has no fault that the old one had not, and where what is left is nothing that a new
 * image could mend, or less of it: else nothing is gained, and the old one stays.
 */
export function acceptImage(old: Pick<Candidate, 'before' | 'faults' | 'mendable'>, next: JudgedImage): Acceptance {
  const { verdict } = next.state;
  if (verdict === 'healthy') return { accepted: true, reservation: null };
  const said = next.faults.length > 0 ? next.faults.join(', ') : 'it cannot be told whether it boots';
  if (old.before?.verdict === 'healthy')
    return { accepted: false, because: `the old image is healthy, and the new one is not: ${said}` };
  const added = next.faults.filter((code) => !old.faults.includes(code));
  // Where there was none, whatever a new image could mend is a fault of this one alone.
  const worse = old.before === null ? next.mendable : added.filter((code) => next.mendable.includes(code));
  if (worse.length > 0) return { accepted: false, because: `the new image would not boot: ${worse.join(', ')}` };
  if (old.before !== null && added.length > 0)
    return { accepted: false, because: `the new image has what the old one had not: ${added.join(', ')}` };
  if (next.mendable.length > 0 && next.mendable.length >= old.mendable.length)
    return { accepted: false, because: `the new image is no better than the old one: ${said}` };
  return { accepted: true, reservation: `the new image is not worse than the old one, but not healthy: ${said}` };
}
