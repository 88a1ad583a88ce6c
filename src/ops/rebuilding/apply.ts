import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Change, RebuiltImage } from '../../protocol/messages.ts';
import { errorCode } from '../../system/error-code.ts';
import { buildPath } from '../../system/images/names.ts';
import { replaceImage } from '../../system/images/replace-image.ts';
import { withWorkFolder } from '../../system/work-folder.ts';
import { judgedOf, type Judged, type View } from '../look.ts';
import { stateFolder } from '../mending/state-folder.ts';
import { syncFolder } from '../mending/sync-folder.ts';
import { withChanges } from '../mending/with-changes.ts';
import type { Site } from '../mending/with-site.ts';
import { acceptImage } from './accept-image.ts';
import { buildImage, thaw, type Built } from './build-image.ts';
import { describeImage, type JudgedImage } from './image-state.ts';
import { inWords } from './in-words.ts';
import { indexModules } from './index-modules.ts';
import { tellLostModules } from './lost-modules.ts';
import { refuseImage } from './refuse-image.ts';
import { backupChange, clearChange, imageChange, indexChange, keptAt, untouched } from './steps.ts';
import type { Clearance, PlannedImage, RebuildPlan } from './types.ts';

/** What was done of a plan. */
export interface Rebuilt {
  readonly images: readonly RebuiltImage[];
  readonly changes: readonly Change[];
  /** What is said of new images that are in place and not healthy or lack what the old ones had, and of old ones that could not be kept. */
  readonly reservations: readonly string[];
}

/**
 * Does what was planned. Each new image is judged before it is put in its place; one that is refused is removed, and the
 * old one stays as it was, as it does whenever something fails or the tools' signal is aborted.
 * @param view the host as it is now
 * @throws BellwetherError with the changes that were made by then: `image_refused`, and those of `buildImage` and
 *   `indexModules`; the reason of the tools' signal
 */
export async function applyRebuild(plan: RebuildPlan, view: View, site: Site): Promise<Rebuilt> {
  const changes: Change[] = [];
  try {
    for (const image of plan.images.filter(({ site }) => site.leftovers.length > 0)) await thaw(image, site.runner);
    const reservations: string[] = [];
    for (const file of plan.clear) {
      const why = await clear(file);
      if (why === null) changes.push(clearChange(file));
      else reservations.push(why);
    }
    const images: RebuiltImage[] = [];
    const indexed = new Map<string, Judged>();
    for (const image of plan.images) {
      let now = indexed.get(image.kernel) ?? judgedOf(view, image.kernel);
      if (image.depmod) {
        indexed.set(image.kernel, (now = await indexModules(now, site)));
        changes.push(indexChange(image.kernel));
      }
      images.push(await rebuildOne(image, plan, now, site, changes, reservations));
    }
    return { images: [...images, ...plan.others.map(untouched)], changes, reservations };
  } catch (error) {
    throw withChanges(error, changes);
  }
}

/** What cannot be removed is no reason to leave an image as it is. @returns why, in words; null where it is gone */
async function clear({ path, outside }: Clearance): Promise<string | null> {
  try {
    await rm(outside, { force: true });
    return null;
  } catch (error) {
    if (errorCode(error) === null) throw error;
    return `${path} could not be removed: ${String(error)}`;
  }
}

async function rebuildOne(
  image: PlannedImage,
  plan: RebuildPlan,
  now: Judged,
  { root, runner, tools, judgeWithImage }: Site,
  changes: Change[],
  reservations: string[],
): Promise<RebuiltImage> {
  const { site, path, kernel, before } = image;
  const output = buildPath(site.outside);
  const state = stateFolder(plan.root);
  try {
    const built = await withWorkFolder(state, (work) => buildImage(image, work, runner, tools));
    tools.progress({ what: `checking the new image of ${kernel}` });
    const judged = await judgeWithImage(now, output);
    const next = describe(image, judged, built);
    const acceptance = acceptImage(image, next);
    if (!acceptance.accepted) throw refuseImage(image, next, built, acceptance.because);
    tools.progress({ what: `putting the new image in the place of ${path}` });
    // Nothing that was ended by the time limit is put in place after it.
    if (tools.signal.aborted) throw tools.signal.reason;
    const healthy = acceptance.reservation === null;
    const rule = image.backup === 'remove' && !healthy ? 'leave' : image.backup;
    const notKept = await replaceImage(site.outside, rule);
    const backup = backupChange({ ...image, backup: rule });
    changes.push(imageChange(image, plan.generator), ...(backup === null || notKept !== null ? [] : [backup]));
    const unsettled = await syncFolder({ root, tools }, dirname(site.outside));
    if (unsettled !== null) reservations.push(`${path}: ${unsettled}`);
    if (acceptance.reservation !== null) reservations.push(`${path}: ${acceptance.reservation}`);
    // Several images are read as one: what another of them has is not lost.
    const lost = now.target.images.length === 1 ? tellLostModules(now.facts, judged.facts) : null;
    if (lost !== null) reservations.push(`${path}: ${lost}`);
    if (notKept !== null) reservations.push(`the old ${path} was not kept: ${notKept}`);
    return {
      kernel,
      path,
      rebuilt: true,
      because: image.because,
      before,
      after: next.state,
      findings_gone: (before?.findings ?? []).filter((code) => !next.state.findings.includes(code)),
      backup: notKept === null ? keptAt({ ...image, backup: rule }) : null,
      build_ms: built.time,
    };
  } catch (error) {
    const told = inWords(error, `the new image could not be put in the place of ${path}`, site.real);
    await clearAway(output);
    throw told;
  }
}

/** The very same check, on the file that was built, before it has its name. */
function describe(image: PlannedImage, { facts, judgement }: Judged, built: Built): JudgedImage {
  const next = describeImage(facts, judgement);
  if ((facts.image?.uki ?? null) !== null)
    throw refuseImage(image, next, built, 'the generator is configured to make a unified kernel image (uefi="yes")');
  return next;
}

/** On a file system that became read-only it stays: the next run clears it, and the error that led here is the one to tell. */
async function clearAway(built: string): Promise<void> {
  try {
    await rm(built, { force: true });
  } catch (error) {
    if (errorCode(error) === null) throw error;
  }
}
