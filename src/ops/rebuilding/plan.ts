import { openBuilder } from '../../builders/index.ts';
import { BellwetherError } from '../../protocol/errors.ts';
import { backupPath, buildPath } from '../../system/images/names.ts';
import { WORK_FOLDER } from '../../system/work-folder.ts';
import type { Judged, View } from '../look.ts';
import type { Site } from '../mending/with-site.ts';
import { backupRule, servedBackups, tellKept } from './backups.ts';
import { bootedBy, readBoot, type Booted } from './boots.ts';
import { findCandidates, readAlone } from './candidates.ts';
import { findSite } from './find-site.ts';
import { refuseKind, refuseLoss, refusePlace, refuseSuspects } from './refuse.ts';
import { refuseWithoutRoom } from './refuse-without-room.ts';
import { stepsOf } from './steps.ts';
import type { Candidate, Clearance, ImageSite, PlannedImage, RebuildOptions, RebuildPlan } from './types.ts';

interface Placed {
  readonly judged: Judged;
  readonly candidate: Candidate;
  readonly site: ImageSite;
  readonly booted: Booted;
  /** The verdict of an earlier backup, where it is asked for; null where there is none. */
  readonly earlier: Parameters<typeof backupRule>[1];
}

/**
 * What a rebuild of the images of the view's kernels would do. Changes nothing: a dry run is this plan, told.
 * @param cleared what another plan that is done before this one clears
 * @throws BellwetherError `not_supported`, `generator_absent`, `kernel_absent`, `boot_not_mounted`, `boot_read_only`,
 *   `not_permitted`, `boot_full`: only for what is to be rebuilt
 */
export async function planRebuild(
  view: View,
  options: RebuildOptions,
  site: Site,
  cleared: readonly Clearance[] = [],
): Promise<RebuildPlan> {
  const { host } = view;
  const boot = readBoot(host);
  const placed: Placed[] = [];
  for (const judged of view.judged) {
    for (const candidate of await findCandidates(judged, options, site)) {
      if (candidate.rebuild) {
        refuseKind(judged);
        refuseSuspects(judged);
      }
      const place = await findSite(host, candidate.kernel, candidate.path);
      if (candidate.rebuild) {
        refusePlace(judged, place);
        refuseLoss(candidate);
      }
      const booted = bootedBy(judged.target, place.file, boot);
      placed.push({
        judged,
        candidate,
        site: place,
        booted,
        earlier: candidate.rebuild && options.backup ? await judgeBackup(judged, place, site) : null,
      });
    }
  }
  const images = placed
    .filter(({ candidate }) => candidate.rebuild)
    .map((each, at, all) => planImage(each, isFirst(at, all), options));
  refuseWithoutRoom(
    images.map(({ kernel, site, before, backup }) => ({
      kernel,
      site,
      whole: before?.verdict === 'healthy',
      backup: backup === 'renew',
    })),
  );
  const others = placed.filter(({ candidate }) => !candidate.rebuild);
  const clear = [...leftFiles(placed), ...servedBackups(others, options.backup)].filter(
    ({ outside }) => !cleared.some((file) => file.outside === outside),
  );
  const generator = host.generator === null ? 'no generator' : nameOf(host.generator);
  return {
    root: host.root,
    generator,
    images,
    others: others.map(({ candidate }) => candidate),
    clear,
    notes: tellKept(others, images, options.backup),
    steps: stepsOf(clear, images),
  };
}

/** Whether an earlier backup is worth keeping: by the very same check. */
async function judgeBackup(judged: Judged, { real, backup }: ImageSite, site: Site): Promise<Placed['earlier']> {
  if (backup === null) return null;
  return (await readAlone(judged, backupPath(real), site))?.state.verdict ?? 'unreadable';
}

/** Of the images of its kernel. */
function isFirst(at: number, placed: readonly Placed[]): boolean {
  const kernel = placed[at]?.candidate.kernel;
  return placed.findIndex(({ candidate }) => candidate.kernel === kernel) === at;
}

function planImage(
  { judged, candidate, site, booted, earlier }: Placed,
  first: boolean,
  options: RebuildOptions,
): PlannedImage {
  const { host } = judged.facts;
  if (host.generator === null)
    throw new BellwetherError(
      'generator_absent',
      `${candidate.path} is to be rebuilt, but neither dracut nor initramfs-tools is installed`,
      { hint: 'install dracut', at: { path: candidate.path, kernel: candidate.kernel } },
    );
  const builder = openBuilder(host.generator);
  const command = builder.plan({
    kernel: candidate.kernel,
    output: buildPath(site.real),
    tmpdir: WORK_FOLDER,
    hostonly: candidate.hostonly,
    addDrivers: options.add_drivers,
    omitDrivers: options.omit_drivers,
    addModules: options.add_modules,
    omitModules: options.omit_modules,
    compress: candidate.compress,
    repeated: candidate.repeated,
  });
  return {
    ...candidate,
    because: [candidate.because, ...tellLoss(candidate)].join('; '),
    terms: judged.terms,
    site,
    builder,
    command,
    depmod: first && judged.judgement.findings.some(({ code }) => code === 'host_module_index'),
    backup: backupRule(candidate, earlier, options.backup, booted),
  };
}

/** What is not healthy is rebuilt though something of it is lost: that is said. */
function tellLoss({ lost }: Candidate): readonly string[] {
  return lost.length === 0 ? [] : [`what it was built with and cannot be again: ${lost.join(', ')}`];
}

/** Images that lie in one folder share what is left there. */
function leftFiles(placed: readonly Placed[]): readonly Clearance[] {
  const all = placed.flatMap(({ site: { leftovers, orphans } }) => [
    ...leftovers.map((file) => ({ ...file, because: 'a run that was ended left it behind' })),
    ...orphans.map(({ kernel, ...file }) => ({
      ...file,
      because: `nothing is left of ${kernel}: no modules, no kernel file, no image and no boot entry`,
    })),
  ]);
  return [...new Map(all.map((file) => [file.outside, file])).values()];
}

function nameOf({ name, version }: { readonly name: string; readonly version: string | null }): string {
  return version === null ? name : `${name} ${version}`;
}
