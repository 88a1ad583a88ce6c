import { BellwetherError } from '../../protocol/errors.ts';
import type { Change } from '../../protocol/messages.ts';

/** The same error, that says what had been changed by then. */
export function withChanges(error: unknown, changes: readonly Change[]): unknown {
  if (changes.length === 0) return error;
  if (!(error instanceof BellwetherError)) {
    const message = error instanceof Error ? error.message : String(error);
    return new BellwetherError('internal', `this is a defect of bellwether: ${message}`, { cause: error, changes });
  }
  return error.saying({ changes });
}
