import type { RebuildAnswer, RebuildRequest } from '../protocol/messages.ts';
import type { Recovered } from './keeping/recover.ts';
import type { View } from './look.ts';
import { reportMend } from './mending/mend.ts';
import { withChanges } from './mending/with-changes.ts';
import { withRecovered } from './mending/with-recovered.ts';
import type { Tools } from './progress.ts';
import { applyRebuild, type Rebuilt } from './rebuilding/apply.ts';
import { planRebuild } from './rebuilding/plan.ts';
import { plannedChanges, plannedImages } from './rebuilding/steps.ts';
import type { RebuildPlan } from './rebuilding/types.ts';

/**
 * Rebuilds the images that the boot entries name: look, plan, build beside, judge, put in place, look again. With
 * `dry_run` the plan is the answer.
 * @throws BellwetherError those of `withRecovered`, `look`, `planRebuild` and `applyRebuild`
 */
export function rebuild(request: RebuildRequest, tools: Tools): Promise<RebuildAnswer> {
  return withRecovered(request, tools, async (site, recovered) => {
    tools.progress({ what: 'looking at the host' });
    const { kernels, platform, ignore } = request.params;
    const question = { params: { kernels, platform, ignore } };
    const view = await site.look(question);
    if (recovered.outstanding) return answerOutstanding(recovered, view);
    const plan = await planRebuild(view, request.params, site);
    if (request.dry_run)
      return answer(request, recovered, plan, view, {
        images: plannedImages(plan),
        changes: plannedChanges(plan),
        reservations: [],
      });
    const done = await applyRebuild(plan, view, site);
    if (done.changes.length === 0) return answer(request, recovered, plan, view, done);
    tools.progress({ what: 'looking at what came of it' });
    try {
      return answer(request, recovered, plan, await site.look(question), done);
    } catch (error) {
      throw withChanges(error, done.changes);
    }
  });
}

/** What would be put back may be all that is missing. */
function answerOutstanding(recovered: Recovered, view: View): RebuildAnswer {
  return {
    ...reportMend('rebuild', true, { recovered, plan: { steps: [], changes: [] }, view }),
    images: [],
    summary: [...recovered.told, `now: ${view.summary}`].join('; '),
  };
}

function answer(
  request: RebuildRequest,
  recovered: Recovered,
  plan: RebuildPlan,
  view: View,
  done: Rebuilt,
): RebuildAnswer {
  return {
    ...reportMend('rebuild', request.dry_run, { recovered, plan: { steps: plan.steps, changes: done.changes }, view }),
    images: [...done.images],
    summary: summarizeRebuild(request, plan, view, [...recovered.told, ...done.reservations]),
  };
}

function summarizeRebuild(
  { dry_run }: RebuildRequest,
  { images, others, notes }: RebuildPlan,
  { summary }: View,
  told: readonly string[],
): string {
  const names = images.map(({ path }) => path).join(', ');
  const [first] = others;
  const what =
    names !== ''
      ? `${dry_run ? 'would rebuild' : 'rebuilt'} ${names}`
      : `nothing to rebuild${first === undefined ? '' : `: ${first.path}: ${first.because}`}`;
  return [what, ...told, ...notes, dry_run && names !== '' ? `now: ${summary}` : summary].join('; ');
}
