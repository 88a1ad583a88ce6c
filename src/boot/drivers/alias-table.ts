import { matchesAlias, normaliseAlias } from './alias-match.ts';

/** Which modules claim an alias. */
export interface AliasTable {
  /** Module names, each once, in the order of the table. */
  claimants(alias: string): readonly string[];
}

/**
 * Sorts [pattern, module] pairs by bus (what stands before the colon), so that a look-up tries the patterns of one
 * bus alone: a distribution's kernel has some 20,000.
 */
export function aliasTable(pairs: Iterable<readonly [pattern: string, module: string]>): AliasTable {
  const buckets = new Map<string, [string, string][]>();
  for (const [pattern, module] of pairs) {
    const normal = normaliseAlias(pattern);
    const bucket = buckets.get(busOf(normal));
    if (bucket === undefined) buckets.set(busOf(normal), [[normal, module]]);
    else bucket.push([normal, module]);
  }
  return {
    claimants: (alias) => {
      const wanted = normaliseAlias(alias);
      const found = new Set<string>();
      for (const [pattern, module] of buckets.get(busOf(wanted)) ?? []) {
        if (!found.has(module) && matchesAlias(pattern, wanted)) found.add(module);
      }
      return [...found];
    },
  };
}

function busOf(alias: string): string {
  const colon = alias.indexOf(':');
  return colon < 0 ? '' : alias.slice(0, colon);
}
