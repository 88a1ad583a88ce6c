import type { Operation } from '../protocol/messages.ts';
import { VERSION } from '../protocol/version.ts';

/** The part that answers have in common where nothing was changed; `perform` sets the duration. */
export function unchanged<O extends Operation>(op: O) {
  return { protocol: 1 as const, op, version: VERSION, changed: false, changes: [], error: null, duration_ms: 0 };
}
