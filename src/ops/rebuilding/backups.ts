import type { Verdict } from '../../protocol/messages.ts';
import type { BackupRule } from '../../system/images/replace-image.ts';
import { backupPath } from '../../system/images/names.ts';
import type { Booted } from './boots.ts';
import type { Candidate, Clearance, ImageSite, PlannedImage } from './types.ts';

/** An image that stays, and its backup. */
export interface Kept {
  readonly candidate: Candidate;
  readonly site: ImageSite;
  readonly booted: Booted;
}

/**
 * What becomes of the old image. An earlier backup is given up only for one that is healthy, and only where the machine
 * is proven to have booted that one or the backup would not boot: whoever chose the backup in the loader's menu keeps it.
 * @param earlier the earlier backup's verdict (`unreadable`: it has none); null where there is no backup
 */
export function backupRule(
  { before }: Pick<Candidate, 'before'>,
  earlier: Verdict | 'unreadable' | null,
  wanted: boolean,
  booted: Booted,
): BackupRule {
  if (!wanted) return 'remove';
  if (earlier === null) return 'renew';
  if (before?.verdict !== 'healthy') return 'leave';
  return booted === 'proven' || earlier === 'unhealthy' || earlier === 'unreadable' ? 'renew' : 'leave';
}

/** Backups that nobody needs any more: the image that replaced them is healthy and is proven to have booted, or none are wanted. */
export function servedBackups(kept: readonly Kept[], wanted: boolean): readonly Clearance[] {
  return kept.flatMap(({ candidate, site, booted }) => {
    if (site.backup === null || candidate.before?.verdict !== 'healthy') return [];
    const proven = booted === 'proven';
    if (wanted && !proven) return [];
    return [
      {
        path: backupPath(site.real),
        outside: backupPath(site.outside),
        size: site.backup.size,
        because: proven ? `the machine has booted ${candidate.path} since` : '"params.backup" is false',
      },
    ];
  });
}

/** Backups that stay though they may go, and how they go: in words. */
export function tellKept(kept: readonly Kept[], images: readonly PlannedImage[], wanted: boolean): readonly string[] {
  return [
    ...kept
      .filter(({ candidate, site, booted }) => isInDoubt(candidate, site) && wanted && booted === 'likely')
      .map(({ candidate, site }) =>
        told(candidate, site, `the default entry was booted since, most likely with ${candidate.path}`),
      ),
    ...images
      .filter((image) => isInDoubt(image, image.site) && image.backup === 'leave')
      .map((image) => told(image, image.site, `nothing proves that ${image.path}, which is replaced, has ever booted`)),
  ];
}

function isInDoubt({ before }: Pick<Candidate, 'before'>, { backup }: ImageSite): boolean {
  return backup !== null && before?.verdict === 'healthy';
}

function told({ kernel }: Candidate, { real }: ImageSite, why: string): string {
  return `${backupPath(real)} stays: ${why}; \`bellwether rebuild --kernel ${kernel} --no-backup\` removes it`;
}
