import { BellwetherError } from '../protocol/errors.ts';
import type { CommandResult } from '../system/run-command.ts';
import type { RunOptions, Runner } from '../system/runner.ts';
import { dnf5Busy, dnf5Trouble, HOLDER, unreachable, WAITING } from './dnf5-trouble.ts';
import { parseTransaction, type TransactionRow } from './dnf5-transaction.ts';
import type { Package } from './types.ts';

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
  const [program = '', ...args] = command;
  const { onLine, signal, accept = [0], ...others } = options;
  const stop = new AbortController();
  const forward = (): void => {
    stop.abort(signal?.reason);
  };
  signal?.addEventListener('abort', forward);
  let waiting = false;
  const listen = (line: string): void => {
    const holder = waiting ? HOLDER.exec(line)?.groups : undefined;
    if (holder !== undefined) stop.abort(dnf5Busy(Number(holder.pid), holder.command ?? ''));
    waiting ||= WAITING.test(line);
    onLine?.(line);
  };
  try {
    const result = await runner.run(program, args, {
      timeoutSeconds: TEN_MINUTES,
      ...others,
      accept: [0, 1, 2],
      onLine: listen,
      signal: stop.signal,
    });
    if (accept.includes(result.exit)) return result;
    throw dnf5Trouble(command, result.exit, `${result.stdout}\n${result.stderr}`);
  } finally {
    signal?.removeEventListener('abort', forward);
  }
}

/** The versions of a package that the repositories have, in no order. */
export async function queryDnf5(runner: Runner, name: string): Promise<readonly Package[]> {
  const format = '%{name} %{evr} %{arch}\n';
  const command = ['dnf5', 'repoquery', '--available', '--queryformat', format, '--', name];
  const { exit, stdout, stderr } = await runDnf5(runner, command);
  const lines = [...new Set(stdout.split('\n'))].map((line) => line.split(' '));
  const found = lines.flatMap(([each, version, arch]) =>
    each === name && version !== undefined && arch !== undefined ? [{ name, version, arch }] : [],
  );
  if (found.length === 0 && unreachable(stderr) !== null) throw dnf5Trouble(command, exit, stderr);
  return found;
}

/** What an upgrade of the whole host would do. dnf is told no, and then ends with 1. */
export async function resolveUpgrade(runner: Runner): Promise<readonly TransactionRow[]> {
  const command = ['dnf5', '--assumeno', '--no-best', 'upgrade'];
  const { exit, stdout, stderr } = await runDnf5(runner, command, { accept: [0, 1] });
  if (exit === 1 && !stderr.includes('Operation aborted by the user')) throw dnf5Trouble(command, exit, stderr);
  return parseTransaction(stdout);
}

/** The spec that dnf found nowhere, of an error that `runDnf5` threw. */
export function specNotFound(error: unknown): string | null {
  if (!(error instanceof BellwetherError) || error.code !== 'version_absent') return null;
  return typeof error.at?.spec === 'string' ? error.at.spec : null;
}
