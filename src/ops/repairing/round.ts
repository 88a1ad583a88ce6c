/** One round of a repair: the least that mends what the check found, planned as a plain value, then done. */
import { asksForRepair, chooseRemedies, type Ailing, type Remedy } from '../../boot/repair/choose-remedies.ts';
import { BellwetherError } from '../../protocol/errors.ts';
import type { Change, ErrorCode, Finding, RebuiltImage, RepairRequest, Step } from '../../protocol/messages.ts';
import { judgedOf, type Judged, type View } from '../look.ts';
import { relabelNote } from '../keeping/relabel-note.ts';
import { changesMade } from '../mending/mend.ts';
import type { Site } from '../mending/with-site.ts';
import { withChanges } from '../mending/with-changes.ts';
import { applyRebuild } from '../rebuilding/apply.ts';
import { indexModules } from '../rebuilding/index-modules.ts';
import { planRebuild } from '../rebuilding/plan.ts';
import { indexChange, indexStep, plannedChanges, plannedImages } from '../rebuilding/steps.ts';
import type { RebuildPlan } from '../rebuilding/types.ts';
import { applyReinstall, observeReinstall } from '../reinstalling/apply.ts';
import { planReinstall, type ReinstallPlan } from '../reinstalling/plan.ts';
import { verifySuspects, type Suspects } from './suspects.ts';

/** What earlier rounds tried. */
export type Past = readonly Remedy[];

export interface Round {
  readonly remedies: readonly Remedy[];
  readonly view: View;
  readonly reinstall: ReinstallPlan | null;
  /** Kernels that get a new index and keep their image. */
  readonly index: readonly Judged[];
  readonly rebuilds: readonly RebuildPlan[];
  readonly steps: readonly Step[];
  readonly changes: readonly Change[];
  readonly images: readonly RebuiltImage[];
  /** Fatal findings that only a person can mend. */
  readonly left: readonly Finding[];
  /** Why packages are not verified or reinstalled, where they cannot be; the rest is done without. */
  readonly unable: readonly string[];
}

const WITHOUT_PACKAGES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'package_manager_absent',
  'program_absent',
  'repository_unreachable',
  'version_absent',
]);

/**
 * Chooses what to do about what the check found. No steps: there is nothing that would mend it. Changes nothing.
 * @throws BellwetherError those of `planReinstall` and `planRebuild`
 */
export async function planRound(
  site: Site,
  view: View,
  { reinstall }: RepairRequest['params'],
  past: Past,
): Promise<Round> {
  const ailing = view.judged
    .map(({ target, judgement }) => ({ kernel: target.kernel, findings: judgement.findings }))
    .filter(({ findings }) => findings.some(asksForRepair));
  const known = reinstall && ailing.length > 0 ? await suspectsOf(site, ailing) : NOT_ASKED;
  const reinstalled = past.flatMap((remedy) => (remedy.kind === 'reinstall' ? remedy.packages : []));
  const rebuilt = past.flatMap((remedy) => (remedy.kind === 'rebuild' ? [remedy.kernel] : []));
  const { remedies, left } = chooseRemedies(ailing, { ...known, reinstalled }, new Set(rebuilt));
  const round = await assemble(
    site,
    view,
    remedies.some((remedy) => isNew(remedy, past)) ? remedies : [],
    left,
    known.spared,
  );
  return { ...round, unable: [...known.unable, ...round.unable] };
}

const NOT_ASKED = { damaged: [], suspects: [], spared: [], unable: [] };

async function suspectsOf(site: Site, ailing: readonly Ailing[]): Promise<Suspects & Pick<Round, 'unable'>> {
  const kernels = ailing.map(({ kernel }) => kernel);
  const found = await unlessWithoutPackages(async () => verifySuspects(await site.packages(), kernels));
  return typeof found === 'string'
    ? { ...NOT_ASKED, unable: [`packages cannot be verified (${found})`] }
    : { ...found, unable: [] };
}

/** What a package manager or its repositories cannot do is told in words: what else can be mended need not wait for it. */
async function unlessWithoutPackages<T extends object>(work: () => Promise<T>): Promise<T | string> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BellwetherError) || !WITHOUT_PACKAGES.has(error.code)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

/** The same again would come to the same. */
function isNew(remedy: Remedy, past: Past): boolean {
  switch (remedy.kind) {
    case 'reinstall':
      return true;
    case 'depmod':
      return !past.some((tried) => tried.kind === 'depmod' && tried.kernel === remedy.kernel);
    case 'rebuild':
      return !past.some(
        (tried) =>
          tried.kind === 'rebuild' &&
          tried.kernel === remedy.kernel &&
          remedy.addDrivers.every((driver) => tried.addDrivers.includes(driver)),
      );
  }
}

async function assemble(
  site: Site,
  view: View,
  remedies: readonly Remedy[],
  left: readonly Finding[],
  spared: Suspects['spared'],
): Promise<Round> {
  let reinstall: ReinstallPlan | null = null;
  const unable: string[] = [];
  const index: Judged[] = [];
  const rebuilds: RebuildPlan[] = [];
  const rebuilt = new Set(remedies.flatMap((remedy) => (remedy.kind === 'rebuild' ? [remedy.kernel] : [])));
  for (const remedy of remedies) {
    switch (remedy.kind) {
      case 'reinstall': {
        const { packages, because } = remedy;
        const plan = await unlessWithoutPackages(() =>
          planReinstall(site, { packages: [...packages], when: 'always', clean_cache: true }, because, spared),
        );
        if (typeof plan === 'string') unable.push(`${packages.join(', ')} cannot be reinstalled (${plan})`);
        else reinstall = plan;
        break;
      }
      case 'depmod':
        // A rebuild has it among its own steps.
        if (!rebuilt.has(remedy.kernel)) index.push(judgedOf(view, remedy.kernel));
        break;
      case 'rebuild':
        rebuilds.push(
          await planOne(
            site,
            view,
            remedy,
            rebuilds.flatMap(({ clear }) => clear),
          ),
        );
        break;
    }
  }
  return {
    view,
    remedies,
    reinstall,
    index,
    rebuilds,
    left,
    unable,
    steps: [
      ...(reinstall?.steps ?? []),
      ...index.map(({ target }) => indexStep(target.kernel)),
      ...rebuilds.flatMap(({ steps }) => steps),
    ],
    changes: [
      ...(reinstall?.changes ?? []),
      ...index.map(({ target }) => indexChange(target.kernel)),
      ...rebuilds.flatMap(plannedChanges),
    ],
    images: rebuilds.flatMap(plannedImages),
  };
}

function planOne(
  site: Site,
  view: View,
  { kernel, addDrivers }: Extract<Remedy, { kind: 'rebuild' }>,
  cleared: RebuildPlan['clear'],
): Promise<RebuildPlan> {
  const options = {
    when: 'unhealthy' as const,
    hostonly: 'keep' as const,
    add_drivers: [...addDrivers],
    omit_drivers: [],
    add_modules: [],
    omit_modules: [],
    compress: 'keep' as const,
    backup: true,
  };
  return planRebuild({ ...view, judged: [judgedOf(view, kernel)] }, options, site, cleared);
}

/** What a round came to. */
export interface RoundDone {
  readonly changes: readonly Change[];
  readonly images: readonly RebuiltImage[];
  /** What is said of new images that are in place. */
  readonly reservations: readonly string[];
  /** What was put back of that which the host boots from, in words. */
  readonly told: readonly string[];
}

/**
 * Does what was planned, in that order, and stops at what fails.
 * @throws BellwetherError those of the package manager, `not_effective`, and those of `applyRebuild`, with the changes
 *   that had been made by then
 */
export async function applyRound(site: Site, { view, reinstall, index, rebuilds }: Round): Promise<RoundDone> {
  const changes: Change[] = [];
  const told: string[] = [];
  const images: RebuiltImage[] = [];
  const reservations: string[] = [];
  try {
    if (reinstall !== null) {
      try {
        told.push(...(await applyReinstall(site, reinstall)));
      } catch (error) {
        changes.push(...(await changesMade(reinstall, observeReinstall(site, reinstall))));
        throw error;
      }
      const outcome = await observeReinstall(site, reinstall);
      changes.push(...(outcome.failure === null ? reinstall.changes : outcome.changes));
      if (outcome.failure !== null) throw outcome.failure;
    }
    for (const judged of index) {
      await indexModules(judged, site);
      changes.push(indexChange(judged.target.kernel));
    }
    // New images are judged by what the host is now.
    const now = changes.length === 0 || rebuilds.length === 0 ? view : await site.look(view.question);
    for (const plan of rebuilds) {
      const done = await applyRebuild(plan, now, site);
      changes.push(...done.changes);
      images.push(...done.images);
      reservations.push(...done.reservations);
    }
    return {
      changes,
      images,
      reservations,
      told: [...new Set([...told, ...(changes.length === 0 ? [] : relabelNote(site.root))])],
    };
  } catch (error) {
    throw withChanges(error, changes);
  }
}
