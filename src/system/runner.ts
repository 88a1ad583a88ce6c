import { realpathSync } from 'node:fs';
import { BellwetherError } from '../protocol/errors.ts';
import { chrooted } from './chrooted.ts';
import { runCommand, type CommandOptions, type CommandResult, type GroupStarted } from './run-command.ts';
import { scopeArguments, scoped } from './scope.ts';

/** How a program is run on a host. */
export interface RunOptions extends CommandOptions {
  /** It takes long and changes things: in a systemd scope of its own, where there is systemd, a restart of the caller does not end it. */
  readonly scope?: boolean;
}

/**
 * Runs a host's own programs where they are: straight for `/`, else with the root changed, in a private mount
 * namespace that has `/dev`, `/proc`, `/sys` and `/run/udev` of the machine, and the command line of the host.
 */
export interface Runner {
  /** Absolute, links followed. */
  readonly root: string;
  /**
   * An argument list, no shell, a fixed PATH, the C locale, its own process group.
   * @throws BellwetherError `program_absent`; `not_permitted` where the root may not be changed; `timed_out`;
   *   `command_failed` where it ended in another way than `accept` says (`at`: its command, exit status, and the last
   *   20 lines that it printed); the signal's reason
   */
  run(command: string, args: readonly string[], options?: RunOptions): Promise<CommandResult>;
}

/**
 * The runner for the host at `root`.
 * @param started is told of the process group of each program that it starts
 * @param commandLine of a host other than this machine: the one that it boots with, asked for once; null where it is not known
 * @throws BellwetherError `root_absent`
 */
export function openRunner(
  root: string,
  started?: GroupStarted,
  commandLine: () => Promise<string | null> = () => Promise.resolve(null),
): Runner {
  const real = resolveRoot(root);
  if (real !== '/') {
    let own: Promise<string | null> | undefined;
    return {
      root: real,
      run: async (command, args, options = {}) => {
        const launch = chrooted(real, command, args, await (own ??= commandLine()));
        return runCommand(launch.command, launch.args, options, { ...launch, started });
      },
    };
  }
  let scope: Promise<readonly string[] | null> | undefined;
  return {
    root: real,
    run: async (command, args, options = {}) => {
      const prefix = options.scope === true ? await (scope ??= scopeArguments()) : null;
      const launch = prefix === null ? straight(command, args) : scoped(prefix, command, args);
      return runCommand(launch.command, launch.args, options, { ...launch, started });
    },
  };
}

function straight(command: string, args: readonly string[]) {
  const shown: [string, ...string[]] = [command, ...args];
  return { command, args, shown, diagnose: () => null };
}

function resolveRoot(root: string): string {
  try {
    return realpathSync(root);
  } catch (cause) {
    throw new BellwetherError('root_absent', `"root" is "${root}", which is not there`, { at: { root }, cause });
  }
}
