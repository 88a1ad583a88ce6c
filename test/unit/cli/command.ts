import { PassThrough } from 'node:stream';
import { runCommand } from '../../../src/cli/program.ts';

/** How a command line ended, and all that it printed. */
export interface CommandEnded {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, where there is nobody to ask. */
export async function command(...args: readonly string[]): Promise<CommandEnded> {
  const printed = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof printed) => {
    const through = new PassThrough();
    through.setEncoding('utf8').on('data', (text: string) => (printed[name] += text));
    return through;
  };
  const status = await runCommand(args, {
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
