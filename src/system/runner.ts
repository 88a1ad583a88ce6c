import type { CommandOptions, CommandResult } from './run-command.ts';

/** How a program is run on a host. */
export interface RunOptions extends CommandOptions {
  /** Beside the fixed environment that every program gets. */
  readonly env?: Readonly<Record<string, string>>;
  /** Each line that it prints, stdout and stderr, as it comes. */
  readonly onLine?: (line: string) => void;
  /** It takes long and changes things: in a systemd scope of its own, where there is systemd, a restart of the caller does not end it. */
  readonly scope?: boolean;
  /** Ends it, with all its children; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a host's own programs where they are: straight for `/`, else with the root changed, in a private mount
 * namespace that has `/dev`, `/proc`, `/sys` and `/run/udev` of the machine.
 */
export interface Runner {
  /** Absolute, links followed. */
  readonly root: string;
  /**
   * An argument list, no shell, a fixed PATH, the C locale, its own process group.
   * @throws BellwetherError `program_absent`; `timed_out`; `command_failed` where it ended in another way than `accept`
   *   says (`at`: its command, exit status, and the last 20 lines that it printed)
   */
  run(command: string, args: readonly string[], options?: RunOptions): Promise<CommandResult>;
}
