const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** One pattern of `filter` or `global_filter`: `a|…|` lets a device pass, `r|…|` does not. */
interface Pattern {
  readonly accepts: boolean;
  readonly regex: RegExp;
}

/**
 * Whether LVM's filter lets a device pass (lib/filters/filter-regex.c): the first pattern that a name matches decides on the
 * name; one name that passes is enough, and where no pattern matches any, the device does. `invalid`: LVM refuses the filter.
 * Null where a pattern is of a kind that is not known here.
 */
export function passesFilter(
  patterns: readonly string[],
  names: readonly string[],
): 'passes' | 'rejected' | 'invalid' | null {
  const read: Pattern[] = [];
  for (const text of patterns) {
    const pattern = readPattern(text);
    if (pattern === 'invalid' || pattern === null) return pattern;
    read.push(pattern);
  }
  const verdicts = names.map((name) => read.find(({ regex }) => regex.test(name))?.accepts);
  return verdicts.includes(true) || !verdicts.includes(false) ? 'passes' : 'rejected';
}

function readPattern(text: string): Pattern | 'invalid' | null {
  const trimmed = text.trimStart();
  const [kind = '', opening = ''] = trimmed;
  if ((kind !== 'a' && kind !== 'r') || opening === '') return 'invalid';
  if (trimmed.length < 3 || !trimmed.endsWith(CLOSING[opening] ?? opening)) return 'invalid';
  const body = trimmed.slice(2, -1);
  // LVM's own dialect has no classes behind a backslash, no counts and no look-around.
  if (/\\[A-Za-z0-9]|\{|\(\?|[*+?]\?/.test(body)) return null;
  try {
    return { accepts: kind === 'a', regex: new RegExp(body) };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
