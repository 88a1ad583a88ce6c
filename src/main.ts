/**
 * The process entry, and the only place that touches `process`. `call` is what orchestration runs: it loads nothing
 * of the human face.
 */
import type { Streams } from './cli/streams.ts';
import { spareCompiler } from './system/spare-compiler.ts';

/** EX_SOFTWARE */
const NOT_DELIVERED = 70;

spareCompiler(process.versions.v8);

// Once: who asks a second time does not wait for what was begun to be cleared away, or to end.
const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(name, () => {
    interruption.abort(name);
  });
}

const streams: Streams = {
  interrupted: interruption.signal,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  uid: process.getuid?.() ?? -1,
  columns: process.stdout.columns,
  isTerminal: process.stdout.isTTY,
  canAsk: process.stdin.isTTY && process.stderr.isTTY,
  isErrorTerminal: process.stderr.isTTY,
};

async function run(args: readonly string[]): Promise<number> {
  if (args[0] === 'call' && args.length === 1) {
    const { runCall } = await import('./cli/call.ts');
    return runCall(streams);
  }
  const { runCommand } = await import('./cli/program.ts');
  return runCommand(args, streams);
}

// Who no longer hears how far we are (a session that was dropped) must not keep us from ending what was begun in order.
process.stderr.on('error', () => undefined);
// A reader that closes our standard output early got no answer: never 0, and no noise.
process.stdout.on('error', () => process.exit(NOT_DELIVERED));

run(process.argv.slice(2)).then(
  (status) => {
    // Whatever still runs (a decompressor that is no longer needed) must not hold the caller.
    process.stdout.write('', () => process.exit(status));
  },
  (error: unknown) => {
    if (!isBrokenPipe(error))
      process.stderr.write(`bellwether: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(NOT_DELIVERED);
  },
);

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
