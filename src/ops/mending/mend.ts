/** What every operation that changes a host does: plan, then, unless it is a dry run, that plan, then look again. */
import { BellwetherError } from '../../protocol/errors.ts';
import type { Change, MendRequest, Step } from '../../protocol/messages.ts';
import { reportView, withLocksAsked, type Question, type View } from '../look.ts';
import type { Tools } from '../progress.ts';
import { unchanged } from '../unchanged.ts';
import { withChanges } from './with-changes.ts';
import { withSite, type Site } from './with-site.ts';

/** What would be done to a host; a dry run answers with it, a run does it. No steps: all is as asked for. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly changes: readonly Change[];
}

/** How much of a plan has come about. */
export interface Outcome {
  /** Those of the plan's changes that are so now. */
  readonly changes: readonly Change[];
  /** Why the plan's end is not reached, where it is not. */
  readonly failure: BellwetherError | null;
}

/** One operation. */
export interface Mending<P extends Plan> {
  /** Which kernels the answer's verdict is about. */
  readonly kernels: Question['params']['kernels'];
  /** Version locks that the plan is to bring about: the check tells which of them are missing. */
  readonly locksAsked?: (plan: P) => NonNullable<Question['locksAsked']>;
  /** Changes nothing. It may wait for the host to be read, which is done at the same time. */
  readonly plan: (site: Site, before: Promise<View>) => Promise<P>;
  readonly apply: (site: Site, plan: P) => Promise<void>;
  /** Reads the host again (`site.witness`), also after `apply` failed or its time was up. Changes nothing. */
  readonly observe: (site: Site, plan: P) => Promise<Outcome>;
}

export interface Mended<P extends Plan> {
  readonly plan: P;
  /** After what was done; in a dry run, before it. */
  readonly view: View;
}

/**
 * Makes the plan, does it unless it is a dry run, and proves it by its effect.
 * @throws BellwetherError those of `withSite` and `look`; what the operation throws, `not_effective` among it; with the
 *   changes that had been made by then
 */
export async function mend<P extends Plan>(
  request: Pick<MendRequest, 'op' | 'root' | 'dry_run'>,
  tools: Tools,
  { kernels, locksAsked = () => [], plan: makePlan, apply, observe }: Mending<P>,
): Promise<Mended<P>> {
  return withSite(request, tools, async (site) => {
    const params = { kernels };
    tools.progress({ what: 'looking at what there is to do' });
    // The host is read while the package manager is asked.
    const looking = site.look({ params });
    const [before, plan] = await Promise.all([looking, makePlan(site, looking)]);
    if (plan.steps.length === 0) return { plan, view: before };
    if (site.dryRun) {
      const locks = locksAsked(plan);
      return { plan, view: locks.length === 0 ? before : withLocksAsked(before, locks) };
    }

    tools.signal.throwIfAborted();
    try {
      await apply(site, plan);
    } catch (error) {
      throw withChanges(error, await madeBy(plan, observe(site, plan)));
    }
    tools.progress({ what: 'looking at what came of it' });
    const outcome = await observe(site, plan);
    if (outcome.failure !== null) throw withChanges(outcome.failure, outcome.changes);
    try {
      return { plan, view: await site.look({ params, locksAsked: locksAsked(plan) }) };
    } catch (error) {
      throw withChanges(error, outcome.changes);
    }
  });
}

/** Where it cannot even be seen what was changed, all that was planned may have been. */
async function madeBy(plan: Plan, outcome: Promise<Outcome>): Promise<readonly Change[]> {
  try {
    return (await outcome).changes;
  } catch (error) {
    if (error instanceof BellwetherError) return plan.changes;
    throw error;
  }
}

/** The part of an answer that operations that change a host have in common. */
export function reportMend<O extends MendRequest['op']>(op: O, dryRun: boolean, { plan, view }: Mended<Plan>) {
  return {
    ...unchanged(op),
    changed: plan.changes.length > 0,
    changes: [...plan.changes],
    dry_run: dryRun,
    steps: [...plan.steps],
    ...reportView(view),
  };
}
