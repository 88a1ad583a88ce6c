import { parseGrubenv } from '../../host/loader/grubenv.ts';
import { BellwetherError } from '../../protocol/errors.ts';

/** GRUB reads and writes this much, no more. */
const SIZE = 1024;
const FIRST_LINE = '# GRUB Environment Block\n';

/**
 * A GRUB environment block with one variable set, the others as they are.
 * https://www.gnu.org/software/grub/manual/grub/html_node/Environment-block.html
 * @param text the block as it is; empty where there is none
 */
export function withVariable(text: string, name: string, value: string): string {
  const variables = parseGrubenv(text).set(name, value);
  const lines = [...variables].map(([key, each]) => `${key}=${each.replace(/[\\\n]/g, '\\$&')}\n`);
  const block = FIRST_LINE + lines.join('');
  if (Buffer.byteLength(block) <= SIZE) return block + '#'.repeat(SIZE - Buffer.byteLength(block));
  throw new BellwetherError('not_supported', `GRUB's environment block has no room for ${name}=${value}`, {
    hint: 'remove variables from it: grub2-editenv - list',
    at: { name, value },
  });
}
