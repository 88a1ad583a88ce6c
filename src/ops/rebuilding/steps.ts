import type { Change, RebuiltImage, Step } from '../../protocol/messages.ts';
import { backupPath } from '../../system/images/names.ts';
import type { Clearance, PlannedImage, RebuildPlan } from './types.ts';

/** The plan, step by step. */
export function stepsOf(clear: readonly Clearance[], images: readonly PlannedImage[]): readonly Step[] {
  return [
    ...clear.map(({ path, because }): Step => ({ action: 'clear', what: path, command: null, because })),
    ...images.flatMap((image): Step[] => {
      const { kernel, path, site, command, because, depmod } = image;
      return [
        ...(depmod ? [indexStep(kernel)] : []),
        { action: 'build', what: `the image of ${kernel}`, command: [...command.command], because },
        {
          action: 'replace',
          what: site.real,
          command: null,
          because:
            site.real === path
              ? 'this is the image that the boot entry names'
              : `${path}, which the boot entry names, leads there`,
        },
      ];
    }),
  ];
}

/** The host's own module index is made anew. */
export function indexStep(kernel: string): Step {
  return {
    action: 'depmod',
    what: `the module index of ${kernel}`,
    command: ['depmod', kernel],
    because: 'host_module_index: images are made with it',
  };
}

export function clearChange({ path, size }: Clearance): Change {
  return { what: path, before: `${size} bytes`, after: null };
}

export function indexChange(kernel: string): Change {
  return { what: `the module index of ${kernel}`, before: 'bad', after: 'made anew' };
}

/** Only what is known before the image is built: a dry run tells the same. */
export function imageChange({ before, site }: PlannedImage, generator: string): Change {
  const found = before === null ? null : [before.verdict, ...before.findings.slice(0, 5)].join(' ');
  return {
    what: site.real,
    before: site.file === null ? null : (found ?? 'unreadable'),
    after: `built anew by ${generator}`,
  };
}

/** Null where the old image is not kept, or an earlier one stays. */
export function backupChange({ backup, site }: PlannedImage): Change | null {
  const what = backupPath(site.real);
  const before = site.backup === null ? null : `${site.backup.size} bytes`;
  if (backup === 'renew' && site.file !== null)
    return { what, before, after: `the old image, ${site.file.size} bytes` };
  return backup === 'remove' && site.backup !== null ? { what, before, after: null } : null;
}

/** All that the plan would change, in the order in which it does. */
export function plannedChanges({ clear, images, generator }: RebuildPlan): readonly Change[] {
  return [
    ...clear.map(clearChange),
    ...images.flatMap((image) => {
      const backup = backupChange(image);
      return [
        ...(image.depmod ? [indexChange(image.kernel)] : []),
        imageChange(image, generator),
        ...(backup === null ? [] : [backup]),
      ];
    }),
  ];
}

/** The images of a plan that was not done, and those that no run touches. */
export function plannedImages({ images, others }: RebuildPlan): readonly RebuiltImage[] {
  return [
    ...images.map((image) => ({ ...untouched(image), rebuilt: true, backup: keptAt(image) })),
    ...others.map(untouched),
  ];
}

export function untouched({
  kernel,
  path,
  because,
  before,
}: Omit<RebuildPlan['others'][number], 'rebuild'>): RebuiltImage {
  return {
    kernel,
    path,
    rebuilt: false,
    because,
    before,
    after: null,
    findings_gone: [],
    backup: null,
    build_ms: null,
  };
}

/** Where the old image, or an earlier one, is kept. */
export function keptAt({ backup, site }: PlannedImage): string | null {
  if (backup === 'remove' || (backup === 'renew' && site.file === null)) return null;
  return backupPath(site.real);
}
