import type { LoaderEntry, LoaderFacts } from '../types.ts';

/** What boots next; null where nothing says. */
export function defaultEntryOf({
  entries,
  defaultEntry,
}: Pick<LoaderFacts, 'entries' | 'defaultEntry'>): LoaderEntry | null {
  return defaultEntry === null ? null : (entries[defaultEntry] ?? null);
}
