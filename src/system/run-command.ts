import { BellwetherError } from '../protocol/errors.ts';
import { listen } from './command-output.ts';
import { endGroup } from './end-group.ts';
import { ENVIRONMENT } from './environment.ts';

export interface CommandResult {
  readonly exit: number;
  readonly stdout: string;
  /** Its last 4 KiB. */
  readonly stderr: string;
}

export interface CommandOptions {
  readonly input?: string;
  readonly timeoutSeconds?: number;
  /** Bytes of stdout, and of stderr, beyond which the program is ended. Default 16 MiB. */
  readonly maxOutput?: number;
  /** Exit statuses that are answers, not failures. Default `[0]`. */
  readonly accept?: readonly number[];
  /** Beside the fixed environment that every program gets. */
  readonly env?: Readonly<Record<string, string>>;
  /** Each line that it prints, stdout and stderr, as it comes. */
  readonly onLine?: (line: string) => void;
  /** Ends it, with all its children; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A program that runs another: what messages name, and how its own failures are told from those of the other. */
export interface Wrapping {
  readonly shown: readonly [program: string, ...args: string[]];
  /** What its exit status and stderr mean, where they are not the other program's. */
  readonly diagnose: (exit: number | null, stderr: string) => 'program_absent' | 'not_permitted' | null;
  readonly started?: GroupStarted | undefined;
}

/** Told of each process group as it is started; what it answers is called when that has ended. */
export type GroupStarted = (group: number) => () => void;

type End = 'late' | 'full' | 'aborted';

/**
 * Runs one program to its end: an argument list, no shell, a fixed PATH, the C locale, its own process group.
 * @throws BellwetherError `program_absent`; `timed_out`; `command_failed` where it ended in another way than `accept`
 *   says (its command, exit status and last 20 lines in `at`); the signal's reason
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
  wrapping: Wrapping = { shown: [command, ...args], diagnose: () => null },
): Promise<CommandResult> {
  const { timeoutSeconds = 60, maxOutput = 16 << 20, accept = [0], signal } = options;
  signal?.throwIfAborted();
  // Loading execa costs more than many a check: only those who run commands pay.
  const { execa } = await import('execa');
  signal?.throwIfAborted();
  const child = execa(command, [...args], {
    env: { ...ENVIRONMENT, ...options.env },
    extendEnv: false,
    detached: true,
    reject: false,
    buffer: false,
    ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
  });
  const ended = await noted(wrapping, child.pid);
  const ending: { why: End | null } = { why: null };
  const end = (why: End): void => {
    if (ending.why !== null) return;
    ending.why = why;
    void endGroup(child.pid);
  };
  const output = listen(child, {
    maxOutput,
    onLine: options.onLine,
    onFull: () => {
      end('full');
    },
  });
  const clock = setTimeout(end, timeoutSeconds * 1000, 'late');
  const abort = (): void => {
    end('aborted');
  };
  signal?.addEventListener('abort', abort);
  const result = await child.finally(() => {
    clearTimeout(clock);
    signal?.removeEventListener('abort', abort);
  });
  // A group whose leader is gone may still hold children that it left behind, at work on what is about to be cleared.
  if (result.failed) await endGroup(child.pid);
  ended?.();
  if (child.pid !== undefined) await output.rest();

  const [program] = wrapping.shown;
  const exit = exitOf(result);
  const stderr = output.stderr();
  const at = { command: [...wrapping.shown], exit, signal: result.signal ?? null, log: [...output.log()] };
  if (ending.why === 'aborted') signal?.throwIfAborted();
  if (ending.why === 'late')
    throw new BellwetherError('timed_out', `${program} did not end within ${timeoutSeconds} s`, { at });
  if (ending.why === 'full')
    throw new BellwetherError('command_failed', `${program} printed more than ${maxOutput} bytes`, { at });
  if (exit !== null && accept.includes(exit)) return { exit, stdout: output.stdout(), stderr };
  if (codeOf(result) === 'ENOENT') throw absent(command, at);
  switch (wrapping.diagnose(exit, stderr)) {
    case 'program_absent':
      throw absent(program, at);
    case 'not_permitted':
      throw new BellwetherError('not_permitted', `${program} could not be run: ${stderr.trim()}`, {
        at,
        hint: 'run it as root',
      });
    case null:
      throw new BellwetherError('command_failed', `${program} failed: ${stderr.trim() || endOf(result)}`, { at });
  }
}

/** What cannot be noted must not run. */
async function noted({ started }: Wrapping, group: number | undefined): Promise<(() => void) | undefined> {
  if (group === undefined) return undefined;
  try {
    return started?.(group);
  } catch (error) {
    await endGroup(group);
    throw error;
  }
}

function absent(program: string, at: Readonly<Record<string, unknown>>): BellwetherError {
  return new BellwetherError('program_absent', `${program} is not installed`, { at, hint: `install ${program}` });
}

/** Null for a program that could not be started or was ended by a signal: its type says otherwise. */
function exitOf(result: object): number | null {
  return 'exitCode' in result && typeof result.exitCode === 'number' ? result.exitCode : null;
}

function codeOf(result: object): unknown {
  return 'code' in result ? result.code : undefined;
}

function endOf(result: object): string {
  return 'shortMessage' in result ? String(result.shortMessage) : 'no word of why';
}
