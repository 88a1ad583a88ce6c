import type { CommandResult } from '../../system/run-command.ts';
import type { RunOptions, Runner } from '../../system/runner.ts';
import { packagesBusy } from '../dnf/trouble.ts';
import { dnf5Trouble, HOLDER, unreachable, WAITING } from './trouble.ts';
import { parseTransaction, type TransactionRow } from './transaction.ts';
import { rpmLockHolder } from '../rpm/lock.ts';
import { runUntilTold } from '../run-until-told.ts';
import type { Package } from '../types.ts';

const TEN_MINUTES = 600;

/**
 * Runs dnf 5 to its end. It waits for ever where another run is at work, so what it says then ends it.
 * @throws BellwetherError as `dnf5Trouble` says
 */
export async function runDnf5(
  runner: Runner,
  command: readonly string[],
  options: RunOptions = {},
): Promise<CommandResult> {
  const { accept = [0], ...others } = options;
  let waiting = false;
  const result = await runUntilTold(
    runner,
    command,
    { timeoutSeconds: TEN_MINUTES, ...others, accept: [0, 1, 2] },
    (line, stop) => {
      const holder = waiting ? HOLDER.exec(line)?.groups : undefined;
      if (holder !== undefined) stop(packagesBusy(Number(holder.pid), holder.command?.trim()));
      waiting ||= WAITING.test(line);
    },
  );
  if (accept.includes(result.exit)) return result;
  const output = `${result.stdout}\n${result.stderr}`;
  if (output.includes('Rpm transaction failed')) await refuseIfHeld(runner);
  throw dnf5Trouble(command, result.exit, output);
}

/** rpm does not wait here, and dnf does not repeat why rpm failed. */
async function refuseIfHeld(runner: Runner): Promise<void> {
  const { stdout } = await runner.run('rpm', ['--eval', '%{_dbpath}/.rpm.lock']);
  const holder = await rpmLockHolder(runner, stdout.trim());
  if (holder !== null) throw packagesBusy(holder);
}

/**
 * The versions of these packages that the repositories have, in no order.
 * @param fresh whether what was read of the repositories before is read again
 * @throws BellwetherError `repository_unreachable` where that may be why one is not found
 */
export async function queryDnf5(runner: Runner, names: readonly string[], fresh: boolean): Promise<readonly Package[]> {
  const format = '%{name} %{evr} %{arch}\n';
  const query = ['repoquery', '--available', '--queryformat', format, '--', ...names];
  const command = ['dnf5', ...(fresh ? ['--refresh'] : []), ...query];
  const { exit, stdout, stderr } = await runDnf5(runner, command);
  const found = [...new Set(stdout.split('\n'))].flatMap((line) => {
    const [name, version, arch] = line.split(' ');
    if (name === undefined || version === undefined || arch === undefined || !names.includes(name)) return [];
    return [{ name, version, arch }];
  });
  const missing = names.some((each) => !found.some(({ name }) => name === each));
  if (missing && unreachable(stderr) !== null) throw dnf5Trouble(command, exit, stderr);
  return found;
}

/** What an upgrade of the whole host would do: nothing, where it cannot be resolved. dnf is told no, and then ends with 1. */
export async function resolveUpgrade(runner: Runner): Promise<readonly TransactionRow[]> {
  const command = ['dnf5', '--assumeno', '--no-best', 'upgrade'];
  const { exit, stdout, stderr } = await runDnf5(runner, command, { accept: [0, 1] });
  const output = `${stdout}\n${stderr}`;
  if (exit === 0 || output.includes('Operation aborted by the user')) return parseTransaction(stdout);
  if (output.includes('Failed to resolve the transaction')) return [];
  throw dnf5Trouble(command, exit, output);
}
