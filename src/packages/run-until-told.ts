import type { CommandResult } from '../system/run-command.ts';
import type { RunOptions, Runner } from '../system/runner.ts';

/**
 * Runs a program that may wait for another's work without end: what it prints can end it.
 * @param listen is told each line; what it hands to `stop` is the error that the run then rejects with
 */
export async function runUntilTold(
  runner: Runner,
  [program = '', ...args]: readonly string[],
  { onLine, signal, ...options }: RunOptions,
  listen: (line: string, stop: (reason: Error) => void) => void,
): Promise<CommandResult> {
  signal?.throwIfAborted();
  const told = new AbortController();
  const forward = (): void => {
    told.abort(signal?.reason);
  };
  signal?.addEventListener('abort', forward);
  try {
    return await runner.run(program, args, {
      ...options,
      onLine: (line) => {
        listen(line, (reason) => {
          told.abort(reason);
        });
        onLine?.(line);
      },
      signal: told.signal,
    });
  } finally {
    signal?.removeEventListener('abort', forward);
  }
}
