import { field, paragraphs } from '../dpkg/status.ts';
import { patternMatches } from '../name-pattern.ts';
import type { Lock } from '../types.ts';

/** A pin without a priority counts for nothing; one above that of any repository holds a version. apt_preferences(5) */
const HOLDS_ABOVE = 500;

/** Whether apt reads a file of this name in `/etc/apt/preferences.d`: none with another extension than `.pref`. */
export function isPreferencesFile(name: string): boolean {
  return /^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/.test(name) && (!name.includes('.') || name.endsWith('.pref'));
}

/**
 * The pins of one file that tie a package to a version, or bar it: one lock a package named. The name may be a glob, or a
 * regular expression between slashes. Pins to a release or an origin tie to no version and are left out.
 */
export function parseAptPins(text: string, source: string): readonly Lock[] {
  const bare = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n');
  return paragraphs(bare).flatMap((block) => {
    const named = (field(block, 'Package') ?? '').split(/\s+/).filter((name) => name !== '');
    const priority = Number(field(block, 'Pin-Priority') ?? 'NaN');
    const [kind = '', ...rest] = (field(block, 'Pin') ?? '').split(/\s+/);
    const excludes = priority < 0;
    if (!excludes && !(kind === 'version' && priority > HOLDS_ABOVE)) return [];
    const version = kind === 'version' ? rest.join(' ') : '*';
    return named.map((name) => ({ name, version, line: block.trim(), source, excludes }));
  });
}

/** Whether a pin's name, a glob or `/regular expression/`, takes in a package. */
export function pinMatches(pattern: string, name: string): boolean {
  const expression = /^\/(.*)\/$/.exec(pattern)?.[1];
  if (expression !== undefined) {
    try {
      return new RegExp(expression).test(name);
    } catch {
      return false; // POSIX syntax that is none here: apt alone knows what it takes in
    }
  }
  return patternMatches(pattern, name);
}
