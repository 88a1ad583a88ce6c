import { dirname } from 'node:path';
import { BellwetherError } from '../../protocol/errors.ts';
import { errorCode } from '../../system/error-code.ts';

/**
 * What a system call refused beside an image; any other error as it is.
 * @param what could not be done, in words
 */
export function inWords(error: unknown, what: string, real: string): unknown {
  const errno = errorCode(error);
  if (errno === null || error instanceof BellwetherError) return error;
  const at = { path: real, folder: dirname(real), errno };
  const message = `${what}: ${String(error)}`;
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
