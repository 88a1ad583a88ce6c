import type { Remedy } from '../boot/repair/choose-remedies.ts';
import { BellwetherError } from '../protocol/errors.ts';
import type { Change, ErrorCode, Finding, RebuiltImage, RepairAnswer, RepairRequest } from '../protocol/messages.ts';
import type { View } from './look.ts';
import { reportMend } from './mending/mend.ts';
import { withChanges } from './mending/with-changes.ts';
import { withSite, type Site } from './mending/with-site.ts';
import type { Tools } from './progress.ts';
import { applyRound, planRound, type Round, type RoundDone } from './repairing/round.ts';

type RoundReport = RepairAnswer['rounds'][number];

/** What was done, over all rounds. */
interface Course {
  readonly rounds: readonly RoundReport[];
  readonly changes: readonly Change[];
  readonly images: readonly RebuiltImage[];
  /** What the last look left to a person. */
  readonly left: readonly Finding[];
  /** What could not be done for want of a package manager or a repository, and what is said of new images. */
  readonly unable: readonly string[];
  /** What was put back of that which the host boots from. */
  readonly told: readonly string[];
  readonly view: View;
}

/** Ends of a round that the next one may do something about. */
const ANOTHER_TRY: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['image_refused', 'not_effective', 'command_failed']);

/**
 * Finds the cause and does the least that mends it, in rounds, looking again after each. A host that cannot be mended is
 * no error: the answer's `rounds` say what was tried, and what was found after each.
 * @throws BellwetherError those of `withSite`, `look` and `planRound`; what keeps a round from being done at all
 */
export function repair(request: RepairRequest, tools: Tools): Promise<RepairAnswer> {
  return withSite(request, tools, async (site) => {
    tools.progress({ what: 'looking at the host' });
    const first = await planRound(site, await lookAt(site, request), request.params, []);
    if (request.dry_run) return planned(first);
    return finished(await goRounds(site, request, first));
  });
}

function lookAt(site: Site, { params: { kernels, platform, ignore } }: RepairRequest): Promise<View> {
  return site.look({ params: { kernels, platform, ignore } });
}

async function goRounds(site: Site, request: RepairRequest, first: Round): Promise<Course> {
  const rounds: RoundReport[] = [];
  const changes: Change[] = [];
  const images = new Map<string, RebuiltImage>();
  const unable = new Set(first.unable);
  const told: string[] = [];
  let round = first;
  const past: Remedy[] = [];
  try {
    while (round.steps.length > 0 && rounds.length < request.params.max_rounds) {
      const { done, failed } = await tryRound(site, round);
      changes.push(...done.changes);
      told.push(...done.told);
      for (const image of done.images) images.set(image.path, image);
      for (const reservation of done.reservations) unable.add(reservation);
      past.push(...round.remedies);
      site.tools.progress({ what: 'looking at what came of it' });
      const view = await lookAt(site, request);
      rounds.push({ steps: [...round.steps], failed, verdict: view.verdict, findings: codesOf(view) });
      round = await planRound(site, view, request.params, past);
      for (const reason of round.unable) unable.add(reason);
    }
  } catch (error) {
    throw withChanges(error, changes);
  }
  return {
    rounds,
    changes,
    images: [...images.values()],
    left: round.left,
    unable: [...unable],
    told,
    view: round.view,
  };
}

/** A round whose image was refused, or that had no effect, is over; the next may see farther. */
async function tryRound(site: Site, round: Round): Promise<{ done: RoundDone; failed: string | null }> {
  try {
    return { done: await applyRound(site, round), failed: null };
  } catch (error) {
    if (!(error instanceof BellwetherError) || !ANOTHER_TRY.has(error.code)) throw error;
    return {
      done: { changes: error.changes, images: [], reservations: [], told: [] },
      failed: `${error.code}: ${error.message}`,
    };
  }
}

function planned({ view, steps, changes, images, left, unable }: Round): RepairAnswer {
  const what = [`would repair this host in ${countSteps(steps.length)}`, ...unable, `now: ${view.summary}`].join('; ');
  return {
    ...reportMend('repair', true, { plan: { steps, changes }, view }),
    rounds: [],
    images: [...images],
    summary: steps.length === 0 ? nothing(view, left, unable) : what,
  };
}

function finished({ rounds, changes, images, left, unable, told, view }: Course): RepairAnswer {
  return {
    ...reportMend('repair', false, { plan: { steps: rounds.flatMap(({ steps }) => steps), changes }, view }),
    rounds: [...rounds],
    images: [...images],
    summary: rounds.length === 0 ? nothing(view, left, unable) : tell(rounds, left, [...told, ...unable], view),
  };
}

function tell(rounds: readonly RoundReport[], left: readonly Finding[], unable: readonly string[], view: View): string {
  const count = rounds.length === 1 ? 'one round' : `${rounds.length} rounds`;
  if (view.verdict === 'healthy') return [`repaired in ${count}`, ...unable, view.summary].join('; ');
  const failed = rounds[rounds.length - 1]?.failed ?? null;
  return [
    `not mended in ${count}`,
    ...(failed === null ? [] : [failed]),
    ...unable,
    ...leftToYou(left),
    view.summary,
  ].join('; ');
}

function nothing(view: View, left: readonly Finding[], unable: readonly string[]): string {
  if (view.verdict === 'healthy') return ['nothing to repair', ...unable, view.summary].join('; ');
  return ['nothing that can be repaired from here', ...unable, ...leftToYou(left), view.summary].join('; ');
}

function leftToYou(left: readonly Finding[]): readonly string[] {
  return left.length === 0 ? [] : [`left to you: ${[...new Set(left.map(({ code }) => code))].join(', ')}`];
}

function countSteps(count: number): string {
  return count === 1 ? 'one step' : `${count} steps`;
}

function codesOf({ findings }: View): string[] {
  return [...new Set(findings.filter(({ ignored }) => ignored !== true).map(({ code }) => code))];
}
