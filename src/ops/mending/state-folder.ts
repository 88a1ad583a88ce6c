import { openTree } from '../../host/tree.ts';
import { BellwetherError } from '../../protocol/errors.ts';

/**
 * The host's `/var/lib`, as this machine names it.
 * @throws BellwetherError `not_supported` where it has none
 */
export function stateFolder(root: string): string {
  const state = openTree(root, []).outside('/var/lib');
  if (state === null) throw new BellwetherError('not_supported', `${root} has no /var/lib to work in`);
  return state;
}
