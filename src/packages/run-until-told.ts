import type { CommandResult } from '../system/run-command.ts';
import type { RunOptions, Runner } from '../system/runner.ts';

/** What dnf, in any version, and yum say when the first package is about to be touched. */
const BEGUN = /^Running transaction$/;

/**
 * Runs a program that may wait for another's work without end: what it prints can end it, until it has begun its own.
 * @param listen is told each line; what it hands to `stop` is the error that the run then rejects with
 */
export function runUntilTold(
  runner: Runner,
  [program = '', ...args]: readonly string[],
  options: RunOptions,
  listen: (line: string, stop: (reason: Error) => void) => void,
): Promise<CommandResult> {
  let begun = false;
  return runner.run(program, args, {
    ...options,
    onLine: (line, end) => {
      begun ||= BEGUN.test(line);
      if (!begun) listen(line, end);
      options.onLine?.(line, end);
    },
  });
}
