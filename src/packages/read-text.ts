import { BellwetherError } from '../protocol/errors.ts';
import type { Runner } from '../system/runner.ts';

/**
 * A small file as the host's own programs see it, links followed below its root; null where there is none.
 * @throws BellwetherError `not_permitted` where it is there and cannot be read
 */
export async function readText(runner: Runner, path: string): Promise<string | null> {
  const { exit, stdout, stderr } = await runner.run('cat', ['--', path], { accept: [0, 1] });
  if (exit === 0) return stdout;
  if (stderr.includes('No such file or directory')) return null;
  throw new BellwetherError('not_permitted', `${path} cannot be read: ${stderr.trim()}`, { at: { path } });
}
