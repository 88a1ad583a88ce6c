import { execa } from 'execa';
import { fileURLToPath } from 'node:url';

/** Runs one of the project's own Node scripts, from the top of the tree. */
export async function runScript(
  path: string,
  args: readonly string[],
): Promise<{ exit: number | undefined; output: string }> {
  const cwd = fileURLToPath(new URL('../../', import.meta.url));
  const { exitCode, all } = await execa(process.execPath, [path, ...args], { cwd, reject: false, all: true });
  return { exit: exitCode, output: all ?? '' };
}
