import { dirname } from 'node:path';
import { BellwetherError } from '../../protocol/errors.ts';
import { errorCode } from '../../system/error-code.ts';
import type { ImageSite } from './types.ts';

/** What a system call refused while an image was put in place; any other error as it is. */
export function inWords(error: unknown, kernel: string, { path, real }: Pick<ImageSite, 'path' | 'real'>): unknown {
  const errno = errorCode(error);
  if (errno === null || error instanceof BellwetherError) return error;
  const at = { path, kernel, folder: dirname(real), errno };
  const message = `the new image could not be put in the place of ${path}: ${String(error)}`;
  const hint = 'the old image is as it was';
  switch (errno) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new BellwetherError('boot_full', message, { hint, at, cause: error });
    case 'EROFS':
      return new BellwetherError('boot_read_only', message, { hint, at, cause: error });
    default:
      return new BellwetherError('command_failed', message, {
        hint: `${hint}; look in the kernel log for errors of the disk`,
        at,
        cause: error,
      });
  }
}
