import type { BellwetherError } from '../protocol/errors.ts';
import type { ErrorAnswer } from '../protocol/messages.ts';
import { VERSION } from '../protocol/version.ts';

/** The answer to a request that could not be answered. */
export function answerError(error: BellwetherError, op: string | null, durationMs: number): ErrorAnswer {
  return {
    protocol: 1,
    op,
    version: VERSION,
    changed: error.changes.length > 0,
    changes: [...error.changes],
    summary: error.message,
    error: error.toObject(),
    duration_ms: durationMs,
  };
}
