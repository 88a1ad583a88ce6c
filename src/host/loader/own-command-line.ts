import type { LoaderFacts } from '../types.ts';
import { defaultEntryOf } from './default-entry.ts';

/**
 * The command line that a host boots with by its own entries: that of what boots next, else of the first other entry that is
 * no rescue entry's; null where none is wholly known.
 */
export function ownCommandLine(loader: Pick<LoaderFacts, 'entries' | 'defaultEntry'>): string | null {
  const first = defaultEntryOf(loader);
  const own = [...(first === null ? [] : [first]), ...loader.entries].find(
    ({ rescue, cmdline, unresolved, linux }) =>
      !rescue && linux !== null && unresolved.length === 0 && cmdline.trim() !== '',
  );
  return own?.cmdline ?? null;
}
