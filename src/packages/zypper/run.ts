import type { RunOptions, Runner } from '../../system/runner.ts';
import { packagesBusy, RPM_LOCK } from '../dnf/trouble.ts';
import { rpmLockHolder } from '../rpm/lock.ts';
import { ZYPPER_EXITS, zypperTrouble } from './trouble.ts';
import { parseSolvables, type Solvable } from './xml.ts';

export const ZYPPER = ['zypper', '--non-interactive'] as const;
export const ZYPPER_XML = [...ZYPPER, '--xmlout'] as const;

const TEN_MINUTES = 600;
/** All that zypper(8) says it ends with: errors below 100, what there is to know above. */
const EXITS = [0, 1, 2, 3, 5, 6, 8, 107, ...Object.values(ZYPPER_EXITS)];

export interface ZypperResult {
  readonly exit: number;
  readonly stdout: string;
  /** Both of its outputs. */
  readonly output: string;
}

/**
 * Runs zypper to its end.
 * @param accept exit statuses beside 0 that are answers
 * @throws BellwetherError as `zypperTrouble` says; `busy` with the holder's pid where rpm is at work without zypper
 */
export async function runZypper(
  runner: Runner,
  command: readonly string[],
  accept: readonly number[] = [],
  options: RunOptions = {},
): Promise<ZypperResult> {
  const [program = '', ...args] = command;
  const result = await runner.run(program, args, { timeoutSeconds: TEN_MINUTES, ...options, accept: EXITS });
  const { exit, stdout } = result;
  const output = `${stdout}\n${result.stderr}`;
  const held = RPM_LOCK.exec(output)?.groups?.path;
  if (held !== undefined) throw packagesBusy(await rpmLockHolder(runner, held));
  if (exit !== 0 && !accept.includes(exit)) throw zypperTrouble(command, exit, output);
  return { exit, stdout, output };
}

/** What an update of the whole host would do: nothing, where it cannot be resolved and nobody is there to choose. */
export async function resolveUpdate(runner: Runner): Promise<readonly Solvable[]> {
  const { problem, reboot, restart, skipped } = ZYPPER_EXITS;
  const command = [...ZYPPER_XML, 'update', '--dry-run'];
  const { exit, stdout, output } = await runZypper(runner, command, [problem, reboot, restart, skipped]);
  if (exit === problem && !/Problem: \d/.test(output)) throw zypperTrouble(command, exit, output);
  return exit === problem ? [] : parseSolvables(stdout);
}
