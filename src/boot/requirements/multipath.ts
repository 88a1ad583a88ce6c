import { lastValue } from '../command-line.ts';
import { neededNodes } from '../storage-stack.ts';
import type { BootFacts } from '../types.ts';

/**
 * Whether `root=` names the multipath device or a partition of it, which only multipath makes. Any other name the host finds
 * on one of the paths as well, and boots on that.
 */
export function isMultipathNamed({ cmdline, host }: Pick<BootFacts, 'cmdline' | 'host'>): boolean {
  const root = cmdline === null ? null : lastValue(cmdline, 'root');
  return neededNodes(host.storage).some(
    ({ node }) => node.kind === 'multipath' && root?.startsWith(node.name) === true,
  );
}
