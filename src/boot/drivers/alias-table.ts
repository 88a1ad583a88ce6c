import { matchesAlias, normaliseAlias } from './alias-match.ts';

/** Which modules claim an alias. */
interface AliasTable {
  /** Module names, each once, in the order of the table. */
  claimants(alias: string): readonly string[];
}

/**
 * Sorts [pattern, module] pairs by bus (what stands before the colon), so that a look-up tries the patterns of one
 * bus alone: a distribution's kernel has some 25,000, and a boot asks about a dozen.
 */
export function aliasTable(pairs: Iterable<readonly [pattern: string, module: string]>): AliasTable {
  const unread = new Map<string, (readonly [pattern: string, module: string])[]>();
  for (const pair of pairs) {
    const bus = busOf(pair[0]);
    const bucket = unread.get(bus);
    if (bucket === undefined) unread.set(bus, [pair]);
    else bucket.push(pair);
  }
  const read = new Map<string, readonly (readonly [pattern: string, module: string])[]>();
  const bucketOf = (bus: string) => {
    const before = read.get(bus);
    if (before !== undefined) return before;
    const bucket = (unread.get(bus) ?? []).map(([pattern, module]) => [normaliseAlias(pattern), module] as const);
    read.set(bus, bucket);
    return bucket;
  };
  return {
    claimants: (alias) => {
      const wanted = normaliseAlias(alias);
      const found = new Set<string>();
      for (const [pattern, module] of bucketOf(busOf(alias))) {
        if (!found.has(module) && matchesAlias(pattern, wanted)) found.add(module);
      }
      return [...found];
    },
  };
}

/** Buses have no dash in their names: there is nothing to normalise before the colon. */
function busOf(alias: string): string {
  return alias.slice(0, Math.max(0, alias.indexOf(':')));
}
