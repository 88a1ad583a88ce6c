/** Matching of module aliases, as libkmod does it: fnmatch() patterns over names in which `-` and `_` are equal. */

/** `-` turned into `_`, but for what stands in brackets, where `-` is a range. */
export function normaliseAlias(alias: string): string {
  if (!alias.includes('-')) return alias;
  if (!alias.includes('[')) return alias.replaceAll('-', '_');
  let inBrackets = false;
  let normalised = '';
  for (const char of alias) {
    if (char === '[') inBrackets = true;
    else if (char === ']') inBrackets = false;
    normalised += char === '-' && !inBrackets ? '_' : char;
  }
  return normalised;
}

/**
 * Whether `text` matches `pattern` (`*`, `?`, `[a-z]`, `[!a]`, `\` escapes), both normalised.
 * Linear but for one point to return to per `*`, so that no pattern can make it explode.
 */
export function matchesAlias(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      starAt = p++;
      resumeAt = t;
      continue;
    }
    const step = matchOne(pattern, p, text.charAt(t));
    if (step > 0) {
      p += step;
      t++;
    } else if (starAt >= 0) {
      p = starAt + 1;
      t = ++resumeAt;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** How many characters of the pattern match this one character; 0: none do. */
function matchOne(pattern: string, at: number, char: string): number {
  const wanted = pattern[at];
  if (wanted === undefined) return 0;
  if (wanted === '?') return 1;
  if (wanted === '\\' && at + 1 < pattern.length) return pattern[at + 1] === char ? 2 : 0;
  if (wanted === '[') {
    const end = pattern.indexOf(']', at + 2);
    if (end > 0) return matchesSet(pattern.slice(at + 1, end), char) ? end - at + 1 : 0;
  }
  return wanted === char ? 1 : 0;
}

function matchesSet(set: string, char: string): boolean {
  const negated = set.startsWith('!') || set.startsWith('^');
  const members = negated ? set.slice(1) : set;
  let found = false;
  for (let i = 0; i < members.length; i++) {
    const low = members.charAt(i);
    if (members[i + 1] === '-' && i + 2 < members.length) {
      found ||= low <= char && char <= members.charAt(i + 2);
      i += 2;
    } else {
      found ||= low === char;
    }
  }
  return found !== negated;
}
