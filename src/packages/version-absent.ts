import { BellwetherError } from '../protocol/errors.ts';
import type { Package } from './types.ts';

const NEAREST = 4;

/**
 * No repository has this version: the error names those that are nearest to it, on either side.
 * @param offered oldest first
 */
export function versionAbsent(
  { name, version }: Package,
  offered: readonly Package[],
  compare: (a: string, b: string) => number,
): BellwetherError {
  const versions = [...new Set(offered.map((each) => each.version))];
  const above = versions.findIndex((each) => compare(each, version) > 0);
  const middle = above === -1 ? versions.length : above;
  const nearest = versions.slice(Math.max(0, middle - NEAREST / 2), middle + NEAREST / 2);
  const told = nearest.length === 0 ? 'no version of it at all' : `only ${nearest.join(', ')}`;
  return new BellwetherError('version_absent', `${name} ${version}: the repositories offer ${told}`, {
    hint: 'a repository that has it, or ask for a version that is offered',
    at: { package: name, version, nearest },
  });
}
