import type { BackupRule } from '../../system/images/replace-image.ts';
import { backupPath } from '../../system/images/names.ts';
import type { Candidate, Clearance, FileState, ImageSite } from './types.ts';

/** The boot that the machine is in. */
export interface Boot {
  readonly running: string | null;
  /** Seconds since the epoch; null: not known. */
  readonly time: number | null;
}

/** Seconds: FAT keeps times in steps of two, and the kernel counts back to when it started. */
const GRAIN = 3;

/** Whether an image of this kernel was there when the machine was booted with that kernel, and so brought it up. */
export function hasBooted(kernel: string, file: FileState | null, { running, time }: Boot): boolean {
  return file !== null && running === kernel && time !== null && file.mtime + GRAIN < time;
}

/**
 * What becomes of the old image. An earlier backup is not given up for an image that would not boot; one that the machine
 * has booted, not for an image that it has not.
 */
export function backupRule(
  { kernel, before }: Pick<Candidate, 'kernel' | 'before'>,
  { file, backup }: Pick<ImageSite, 'file' | 'backup'>,
  wanted: boolean,
  boot: Boot,
): BackupRule {
  if (!wanted) return 'remove';
  if (backup === null) return 'renew';
  const proven = hasBooted(kernel, backup, boot) && !hasBooted(kernel, file, boot);
  return proven || before?.verdict !== 'healthy' ? 'leave' : 'renew';
}

/** Backups that nobody needs any more: the image that replaced them is healthy and has booted, or none are wanted. */
export function servedBackups(
  kept: readonly { readonly candidate: Candidate; readonly site: ImageSite }[],
  wanted: boolean,
  boot: Boot,
): readonly Clearance[] {
  return kept.flatMap(({ candidate, site }) => {
    if (site.backup === null || candidate.before?.verdict !== 'healthy') return [];
    const booted = hasBooted(candidate.kernel, site.file, boot);
    if (wanted && !booted) return [];
    return [
      {
        path: backupPath(site.real),
        outside: backupPath(site.outside),
        size: site.backup.size,
        because: booted ? `the machine has booted ${candidate.path} since` : '"params.backup" is false',
      },
    ];
  });
}
