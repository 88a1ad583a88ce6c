import { Writable } from 'node:stream';
import { BellwetherError } from '../protocol/errors.ts';
import { listen } from './command-output.ts';
import { endGroup } from './end-group.ts';
import { ENVIRONMENT } from './environment.ts';
import { followOutput } from './followed-output.ts';

export interface CommandResult {
  readonly exit: number;
  readonly stdout: string;
  /** Its last 4 KiB. */
  readonly stderr: string;
}

export interface CommandOptions {
  readonly input?: string;
  /** Default 60. One that outlives us has no limit. */
  readonly timeoutSeconds?: number;
  /** Bytes of stdout, and of stderr, beyond which the program is ended. Default 16 MiB. */
  readonly maxOutput?: number;
  /** Exit statuses that are answers, not failures. Default `[0]`. */
  readonly accept?: readonly number[];
  /** Beside the fixed environment that every program gets. */
  readonly env?: Readonly<Record<string, string>>;
  /** Each line that it prints, stdout and stderr, as it comes; `end` ends the program, and is the error to reject with. */
  readonly onLine?: (line: string, end: (reason: Error) => void) => void;
  /** Ends it, with all its children; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * Half of what it does would be worse than none: once begun neither a limit nor the signal nor our own end ends it, nor
   * does whoever takes over after us; nor are those that it leaves behind ended with it. `onLine` alone may.
   */
  readonly outlives?: boolean;
}

/** A program that runs another: what messages name, and how its own failures are told from those of the other. */
export interface Wrapping {
  readonly shown: readonly [program: string, ...args: string[]];
  /** What its exit status and stderr mean, where they are not the other program's. */
  readonly diagnose: (exit: number | null, stderr: string) => 'program_absent' | 'not_permitted' | null;
  readonly started?: GroupStarted | undefined;
}

/**
 * Told of each process group as it is started; what it answers is called when that has ended.
 * @param outlives the command of one that nobody may end; null for others
 */
export type GroupStarted = (group: number, outlives: string | null) => () => void;

/**
 * Waits for a word on descriptor 3 before it becomes the program: who is killed before it could note what it started has
 * started nothing.
 */
const GATE = 'read -r go <&3 && exec "$@" 3<&-';

type End = 'late' | 'full' | 'aborted' | 'told';

/**
 * Runs one program to its end: an argument list, no shell, a fixed PATH, the C locale, its own process group.
 * @throws BellwetherError `program_absent`; `timed_out`; `command_failed` where it ended in another way than `accept`
 *   says (its command, exit status and last 20 lines in `at`); the signal's reason; the one that `onLine` ended it with
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
  wrapping: Wrapping = { shown: [command, ...args], diagnose: () => null },
): Promise<CommandResult> {
  const { timeoutSeconds = 60, maxOutput = 16 << 20, accept = [0], signal, outlives = false } = options;
  signal?.throwIfAborted();
  // Loading execa costs more than many a check: only those who run commands pay.
  const { execa } = await import('execa');
  signal?.throwIfAborted();
  const { started } = wrapping;
  const [file, words] = started === undefined ? [command, args] : ['/bin/sh', ['-c', GATE, 'sh', command, ...args]];
  const followed = outlives ? await followOutput() : null;
  const [out, err] = followed?.descriptors ?? (['pipe', 'pipe'] as const);
  const child = execa(file, [...words], {
    env: { ...ENVIRONMENT, ...options.env },
    extendEnv: false,
    detached: true,
    reject: false,
    buffer: false,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', out, err, started === undefined ? 'ignore' : 'pipe'],
    ...(options.input === undefined ? {} : { input: options.input }),
  });
  const shown = wrapping.shown.join(' ');
  const ended = started === undefined ? undefined : await letGo(child, started, outlives ? shown : null);
  const ending: { why: End | null; reason?: Error; gone: Promise<void> | null } = { why: null, gone: null };
  const end = (why: End): void => {
    if (ending.why !== null || (outlives && why !== 'told')) return;
    ending.why = why;
    ending.gone = endGroup(child.pid);
  };
  const output = listen(followed ?? child, {
    maxOutput,
    onLine: (line) => {
      options.onLine?.(line, (reason) => {
        ending.reason ??= reason;
        end('told');
      });
    },
    onFull: () => {
      end('full');
    },
  });
  const clock = outlives ? undefined : setTimeout(end, timeoutSeconds * 1000, 'late');
  const abort = (): void => {
    end('aborted');
  };
  signal?.addEventListener('abort', abort);
  const result = await child.finally(() => {
    clearTimeout(clock);
    signal?.removeEventListener('abort', abort);
  });
  // A group whose leader is gone may still hold children that it left behind, at work on what is about to be cleared.
  if (ending.gone !== null || (result.failed && !outlives)) await (ending.gone ?? endGroup(child.pid));
  ended?.();
  followed?.ended();
  if (child.pid !== undefined) await output.rest();

  const [program] = wrapping.shown;
  const exit = exitOf(result);
  const stderr = output.stderr();
  const at = { command: [...wrapping.shown], exit, signal: result.signal ?? null, log: [...output.log()] };
  if (ending.why === 'aborted') signal?.throwIfAborted();
  if (ending.why === 'told' && ending.reason !== undefined) throw ending.reason;
  if (ending.why === 'late')
    throw new BellwetherError('timed_out', `${program} did not end within ${timeoutSeconds} s`, { at });
  if (ending.why === 'full')
    throw new BellwetherError('command_failed', `${program} printed more than ${maxOutput} bytes`, { at });
  if (exit !== null && accept.includes(exit)) return { exit, stdout: output.stdout(), stderr };
  if (codeOf(result) === 'ENOENT' || (started !== undefined && isNotFound(exit, stderr))) throw absent(command, at);
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

/** Notes the group of a program that waits at the gate, and opens that. What cannot be noted does not run. */
async function letGo(
  { pid, stdio }: { readonly pid?: number | undefined; readonly stdio: readonly unknown[] },
  started: GroupStarted,
  outlives: string | null,
): Promise<(() => void) | undefined> {
  if (pid === undefined) return undefined;
  try {
    const ended = started(pid, outlives);
    const gate = stdio[3];
    if (gate instanceof Writable) gate.on('error', () => undefined).end('go\n'); // killed meanwhile: its end tells
    return ended;
  } catch (error) {
    await endGroup(pid);
    throw error;
  }
}

function absent(program: string, at: Readonly<Record<string, unknown>>): BellwetherError {
  return new BellwetherError('program_absent', `${program} is not installed`, { at, hint: `install ${program}` });
}

/** What a shell says of a program that it cannot become. */
function isNotFound(exit: number | null, stderr: string): boolean {
  return exit === 127 && /^(?:\/bin\/)?sh: .*not found$/m.test(stderr);
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
