import type { CommandResult } from '../../../src/system/run-command.ts';
import { BellwetherError } from '../../../src/protocol/errors.ts';
import type { Runner } from '../../../src/system/runner.ts';

/**
 * A runner that runs nothing: what each program would have printed is answered, and what was asked is kept. An exit status
 * that the caller does not accept is an error, as it is of the real one.
 */
export function scriptedRunner(
  answer: (command: readonly string[], input: string | undefined) => Partial<CommandResult>,
): {
  readonly runner: Runner;
  readonly asked: readonly (readonly string[])[];
} {
  const asked: string[][] = [];
  const runner: Runner = {
    root: '/',
    run: (command, args, { accept = [0], onLine, input } = {}) => {
      asked.push([command, ...args]);
      const { exit = 0, stdout = '', stderr = '' } = answer([command, ...args], input);
      for (const line of `${stdout}${stderr}`.split('\n')) if (line !== '') onLine?.(line, () => undefined);
      if (accept.includes(exit)) return Promise.resolve({ exit, stdout, stderr });
      return Promise.reject(new BellwetherError('command_failed', `${command} failed: ${stderr}`));
    },
  };
  return { runner, asked };
}
