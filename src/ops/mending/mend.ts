/** What every operation that changes a host does: plan, then, unless it is a dry run, that plan, then look again. */
import { BellwetherError } from '../../protocol/errors.ts';
import type { Change, MendRequest, Step, Unknown } from '../../protocol/messages.ts';
import { reportView, type Question, type View } from '../look.ts';
import type { Recovered } from '../keeping/recover.ts';
import type { Tools } from '../progress.ts';
import { unchanged } from '../unchanged.ts';
import { withChanges } from './with-changes.ts';
import { withRecovered } from './with-recovered.ts';
import type { Site } from './with-site.ts';

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
  /** Version locks that the plan is to bring about: the check tells which of them are missing. */
  readonly locksAsked?: (plan: P) => NonNullable<Question['locksAsked']>;
  /** Changes nothing. */
  readonly plan: (site: Site) => Promise<P>;
  /** @returns what is to be told of how it went, in words */
  readonly apply: (site: Site, plan: P) => Promise<readonly string[]>;
  /** Reads the host again (`site.witness`), also after `apply` failed or its time was up. Changes nothing. */
  readonly observe: (site: Site, plan: P) => Promise<Outcome>;
}

export interface Mended<P extends Plan> {
  readonly recovered: Recovered;
  readonly plan: P;
  readonly facts: Site['source'];
  /** After what was done; in a dry run, before it. Null where there was nothing to do, nor to put back. */
  readonly view: View | null;
  /** What is to be told of how it went. */
  readonly told: readonly string[];
}

/**
 * Makes the plan, does it unless it is a dry run, and proves it by its effect. Where nothing is to be done nothing is
 * judged: what every run of a state asks must not cost an image unpacked.
 * @throws BellwetherError those of `withRecovered` and `look`; what the operation throws, `not_effective` among it; with the
 *   changes that had been made by then
 */
export async function mend<P extends Plan>(
  request: Pick<MendRequest, 'op' | 'root' | 'dry_run'>,
  tools: Tools,
  { locksAsked = () => [], plan: makePlan, apply, observe }: Mending<P>,
): Promise<Mended<P>> {
  return withRecovered(request, tools, async (site, recovered) => {
    tools.progress({ what: 'looking at what there is to do' });
    const plan = await makePlan(site);
    const facts = site.source;
    let { told } = recovered;
    if (plan.steps.length === 0 && recovered.steps.length === 0) return { recovered, plan, facts, view: null, told };
    const seen = async (): Promise<Mended<P>> => ({
      recovered,
      plan,
      facts,
      told,
      view: await site.look({ params: { kernels: 'default' }, locksAsked: locksAsked(plan) }),
    });
    if (site.dryRun || plan.steps.length === 0) return seen();

    tools.signal.throwIfAborted();
    try {
      told = [...told, ...(await apply(site, plan))];
    } catch (error) {
      throw withChanges(error, await changesMade(plan, observe(site, plan)));
    }
    tools.progress({ what: 'looking at what came of it' });
    const outcome = await observe(site, plan);
    if (outcome.failure !== null) throw withChanges(outcome.failure, outcome.changes);
    try {
      return await seen();
    } catch (error) {
      throw withChanges(error, outcome.changes);
    }
  });
}

/** The changes that an apply which failed has made. Where it cannot even be seen, all that was planned may have been. */
export async function changesMade(plan: Plan, outcome: Promise<Outcome>): Promise<readonly Change[]> {
  try {
    return (await outcome).changes;
  } catch (error) {
    if (error instanceof BellwetherError) return plan.changes;
    throw error;
  }
}

/** Where nothing was judged: the verdict is unknown, and says why. */
const UNJUDGED: Unknown = {
  checkpoint: 'loader',
  kernel: null,
  what: 'whether this host boots',
  reason: 'there was nothing to do, and so nothing was judged: ask for a check',
};

/** The part of an answer that operations that change a host have in common. */
export function reportMend<O extends MendRequest['op']>(
  op: O,
  dryRun: boolean,
  { recovered, plan, view }: { readonly recovered: Recovered; readonly plan: Plan; readonly view: View },
) {
  return { ...reportPlan(op, dryRun, recovered, plan), ...reportView(view) };
}

/** The same of an operation that `mend` did. */
export function reportMended<O extends MendRequest['op']>(
  op: O,
  dryRun: boolean,
  { recovered, plan, facts, view }: Mended<Plan>,
) {
  const seen =
    view === null
      ? { facts, verdict: 'unknown' as const, kernels: [], findings: [], unknowns: [UNJUDGED] }
      : reportView(view);
  return { ...reportPlan(op, dryRun, recovered, plan), ...seen };
}

/** What was done in a sentence, and what that led to, where it was looked at. */
export function summarizeMended(what: string, { view, told }: Pick<Mended<Plan>, 'view' | 'told'>): string {
  return [what, ...told, ...(view === null ? [] : [view.summary])].join('; ');
}

function reportPlan<O extends MendRequest['op']>(op: O, dryRun: boolean, recovered: Recovered, plan: Plan) {
  const changes = [...recovered.changes, ...plan.changes];
  return {
    ...unchanged(op),
    changed: changes.length > 0,
    changes,
    dry_run: dryRun,
    steps: [...recovered.steps, ...plan.steps],
  };
}
