import { PassThrough } from 'node:stream';
import { CommanderError } from 'commander';
import { makeProgram, runCommand } from '../../../src/cli/program.ts';
import type { Streams } from '../../../src/cli/streams.ts';

/** How a command line ended, and all that it printed. */
export interface CommandEnded {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, where there is nobody to ask. */
export function command(...args: readonly string[]): Promise<CommandEnded> {
  return gather((streams) => runCommand(args, streams));
}

/** Parses a command line and does nothing of what it says. */
export function parse(...args: readonly string[]): Promise<CommandEnded> {
  return gather(async (streams) => {
    const program = makeProgram(streams, { status: 0 });
    for (const each of program.commands) each.action(() => undefined);
    return program.parseAsync([...args], { from: 'user' }).then(
      () => 0,
      (error: unknown) => {
        if (error instanceof CommanderError) return error.exitCode;
        throw error;
      },
    );
  });
}

async function gather(run: (streams: Streams) => Promise<number>): Promise<CommandEnded> {
  const printed = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof printed) => {
    const through = new PassThrough();
    through.setEncoding('utf8').on('data', (text: string) => (printed[name] += text));
    return through;
  };
  const status = await run({
    stdin: new PassThrough(),
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    env: {},
    uid: 0,
    columns: undefined,
    isTerminal: false,
    interrupted: new AbortController().signal,
    canAsk: false,
    isErrorTerminal: false,
  });
  // What was written last is read in a later turn.
  await new Promise((resolve) => setImmediate(resolve));
  return { status, ...printed };
}
