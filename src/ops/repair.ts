import type { Remedy } from '../boot/repair/choose-remedies.ts';
import { BellwetherError } from '../protocol/errors.ts';
import type { Change, ErrorCode, Finding, RebuiltImage, RepairAnswer, RepairRequest } from '../protocol/messages.ts';
import type { Recovered } from './keeping/recover.ts';
import type { View } from './look.ts';
import { reportMend } from './mending/mend.ts';
import { withChanges } from './mending/with-changes.ts';
import { withRecovered } from './mending/with-recovered.ts';
import type { Site } from './mending/with-site.ts';
import type { Tools } from './progress.ts';
import { applyRound, planRound, type Round, type RoundDone } from './repairing/round.ts';

/** While what is to be put back may be all that is missing. */
const NOTHING_PLANNED = { steps: [], changes: [], images: [], left: [], unable: [] };

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
 * @throws BellwetherError those of `withRecovered`, `look` and `planRound`; what keeps a round from being done at all
 */
export function repair(request: RepairRequest, tools: Tools): Promise<RepairAnswer> {
  return withRecovered(request, tools, async (site, recovered) => {
    tools.progress({ what: 'looking at the host' });
    const view = await lookAt(site, request);
    if (recovered.outstanding) return planned(recovered, NOTHING_PLANNED, view);
    const first = await planRound(site, view, request.params, []);
    if (request.dry_run) return planned(recovered, first, view);
    return finished(recovered, await goRounds(site, request, first));
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

function planned(
  recovered: Recovered,
  { steps, changes, images, left, unable }: Pick<Round, keyof typeof NOTHING_PLANNED>,
  view: View,
): RepairAnswer {
  const count = recovered.steps.length + steps.length;
  const told = [...recovered.told, ...unable];
  const what = [`would repair this host in ${countSteps(count)}`, ...told, `now: ${view.summary}`].join('; ');
  return {
    ...reportMend('repair', true, { recovered, plan: { steps, changes }, view }),
    rounds: [],
    images: [...images],
    summary: count === 0 ? nothing('nothing', view, left, told) : what,
  };
}

function finished(recovered: Recovered, { rounds, changes, images, left, unable, told, view }: Course): RepairAnswer {
  const words = [...recovered.told, ...told, ...unable];
  const none = recovered.steps.length === 0 ? 'nothing' : 'nothing else';
  return {
    ...reportMend('repair', false, { recovered, plan: { steps: rounds.flatMap(({ steps }) => steps), changes }, view }),
    rounds: [...rounds],
    images: [...images],
    summary: rounds.length === 0 ? nothing(none, view, left, words) : tell(rounds, left, words, view),
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

function nothing(
  none: 'nothing' | 'nothing else',
  view: View,
  left: readonly Finding[],
  unable: readonly string[],
): string {
  if (view.verdict === 'healthy') return [`${none} to repair`, ...unable, view.summary].join('; ');
  return [`${none} that can be repaired from here`, ...unable, ...leftToYou(left), view.summary].join('; ');
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
