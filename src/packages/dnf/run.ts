import { BellwetherError } from '../../protocol/errors.ts';
import type { CommandResult } from '../../system/run-command.ts';
import type { RunOptions, Runner } from '../../system/runner.ts';
import { dnfTrouble, packagesBusy, RPM_LOCK, WAITING } from './trouble.ts';
import { rpmLockHolder } from '../rpm/lock.ts';
import { runUntilTold } from '../run-until-told.ts';

const TEN_MINUTES = 600;
/** All that dnf and yum end with: done, failed, bad usage, unresolved, updates there, locked. */
const EXITS = [0, 1, 2, 3, 100, 200];

/** Where another run is at work dnf is to say so and end, as it does by default for no one who waits. dnf.conf(5) */
export const DNF = ['dnf', '--assumeyes', '--setopt=exit_on_lock=1'] as const;

/**
 * Runs dnf, or yum, to its end. rpm below it may wait for another's transaction without end, so its saying so ends it.
 * @param trouble what the words of a failed run amount to
 * @throws BellwetherError as `trouble` says; `busy` with the holder's pid
 */
export async function runDnf(
  runner: Runner,
  command: readonly string[],
  options: RunOptions = {},
  trouble: typeof dnfTrouble = dnfTrouble,
): Promise<CommandResult> {
  const { accept = [0], ...others } = options;
  let waitsFor: string | undefined;
  try {
    const result = await runUntilTold(
      runner,
      command,
      { timeoutSeconds: TEN_MINUTES, ...others, accept: EXITS },
      (line, stop) => {
        const { pid, path } = WAITING.exec(line)?.groups ?? {};
        if (pid !== undefined) stop(packagesBusy(Number(pid)));
        if (path === undefined) return;
        waitsFor = path;
        stop(packagesBusy(null));
      },
    );
    if (accept.includes(result.exit)) return result;
    const output = `${result.stdout}\n${result.stderr}`;
    waitsFor = RPM_LOCK.exec(output)?.groups?.path;
    throw trouble(command, result.exit, output);
  } catch (error) {
    if (waitsFor === undefined || !(error instanceof BellwetherError) || error.code !== 'busy') throw error;
    throw packagesBusy(await rpmLockHolder(runner, waitsFor));
  }
}
