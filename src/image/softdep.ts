import { normalizeModuleName } from './module-name.ts';

/** Names of a softdep line's `pre:` and `post:` lists (modprobe.d(5)), normalised. */
export function parseSoftdeps(text: string): string[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== '' && word !== 'pre:' && word !== 'post:')
    .map(normalizeModuleName);
}
