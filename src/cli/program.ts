import { Command, CommanderError } from 'commander';
import { VERSION } from '../protocol/version.ts';
import { checkCommand } from './check.ts';
import { inspectCommand } from './inspect.ts';
import { lockCommand, unlockCommand } from './lock.ts';
import type { Finished } from './options.ts';
import { rebuildCommand } from './rebuild.ts';
import { reinstallCommand } from './reinstall.ts';
import { repairCommand } from './repair.ts';
import { printable, styleFor } from './render/style.ts';
import { write, type Streams } from './streams.ts';

/** EX_USAGE */
const BAD_USAGE = 64;

/**
 * The human face: parses the command line and runs the command.
 * @param args without the node and script paths
 * @returns the exit status: 0, or what the command says; 64 on bad usage
 */
export async function runCommand(args: readonly string[], streams: Streams): Promise<number> {
  const finished = { status: 0 };
  const program = makeProgram(streams, finished);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return finished.status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    await write(streams.stderr, 'See "bellwether --help".\n');
    return BAD_USAGE;
  }
}

/** All commands and their options. */
export function makeProgram(streams: Streams, finished: Finished): Command {
  const { columns } = styleFor(streams.isTerminal, streams.columns, streams.env);
  const program = new Command('bellwether')
    .description('Tells, before the reboot, whether a Linux host will boot, and mends it if it will not.')
    .version(VERSION, '-V, --version')
    .helpCommand(false)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => streams.stdout.write(text),
      writeErr: (text) => streams.stderr.write(printable(text)),
      getOutHelpWidth: () => columns,
      getErrHelpWidth: () => columns,
    })
    .addHelpText('after', EXAMPLES);
  const commands = [
    checkCommand,
    inspectCommand,
    repairCommand,
    rebuildCommand,
    reinstallCommand,
    lockCommand,
    unlockCommand,
    callCommand,
  ];
  for (const make of commands) {
    // A command that was made apart does not inherit these.
    program.addCommand(make(streams, finished).copyInheritedSettings(program));
  }
  return program;
}

/** Here for `--help` alone: main.ts runs `call` before any of this is loaded. */
function callCommand(): Command {
  return new Command('call')
    .summary('answer one JSON request from standard input')
    .description(
      'Reads one JSON object from standard input and writes one JSON object to standard output,\nerrors included. This is what the Salt module and the Ansible collection run.',
    )
    .addHelpText(
      'after',
      `
Exit status: 0 answered (the verdict is in the answer), 64 bad request,
69 something needed is absent, 70 internal error, 75 busy or timed out (try
again).

Example:
  echo '{"protocol": 1, "op": "check"}' | bellwether call
`,
    )
    .action((_options, command: Command) => {
      command.error('call takes no arguments: the request goes to standard input', { exitCode: BAD_USAGE });
    });
}

const EXAMPLES = `
Examples:
  bellwether check                         will what boots next boot?
  bellwether check --all                   every kernel that is installed
  bellwether check --root /mnt/sysimage    another root, from the rescue system
  bellwether inspect                       what bellwether sees of this host
  bellwether repair --dry-run              what would mend it
  bellwether repair                        mends it: plan, question, proof
  bellwether lock                          keeps the kernel that is installed
`;
