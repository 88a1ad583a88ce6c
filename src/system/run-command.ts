import { BellwetherError } from '../protocol/errors.ts';
import { ENVIRONMENT } from './environment.ts';
import { endGroup } from './end-group.ts';

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
}

const STDERR_KEPT = 4096;

/**
 * Runs one program to its end: an argument list, no shell, a fixed PATH, the C locale, its own process group.
 * @throws BellwetherError `program_absent`; `timed_out`; `internal` where it ended in another way than `accept` says
 *   (its command, exit status and last words in `at`)
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { timeoutSeconds = 60, maxOutput = 16 << 20, accept = [0] } = options;
  // Loading execa costs more than many a check: only those who run commands pay.
  const { execa } = await import('execa');
  const child = execa(command, [...args], {
    env: ENVIRONMENT,
    extendEnv: false,
    detached: true,
    reject: false,
    stripFinalNewline: false,
    maxBuffer: maxOutput,
    ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
  });
  const late = new AbortController();
  const clock = setTimeout(() => {
    late.abort();
    endGroup(child.pid);
  }, timeoutSeconds * 1000);
  const result = await child.finally(() => {
    clearTimeout(clock);
  });
  // A group whose leader is gone may still hold children that it left behind.
  if (result.failed) endGroup(child.pid);

  const exit = exitOf(result);
  const stderr = textOf(result.stderr).slice(-STDERR_KEPT);
  const at = { command: [command, ...args], exit, signal: result.signal ?? null, stderr };
  if (late.signal.aborted)
    throw new BellwetherError('timed_out', `${command} did not end within ${timeoutSeconds} s`, { at });
  if (codeOf(result) === 'ENOENT')
    throw new BellwetherError('program_absent', `${command} is not installed`, { at, hint: `install ${command}` });
  if (exit === null || !accept.includes(exit))
    throw new BellwetherError('internal', `${command} failed: ${stderr.trim() || endOf(result)}`, { at });
  return { exit, stdout: textOf(result.stdout), stderr };
}

/** Null for a program that could not be started or was ended by a signal: its type says otherwise. */
function exitOf(result: object): number | null {
  return 'exitCode' in result && typeof result.exitCode === 'number' ? result.exitCode : null;
}

function textOf(output: unknown): string {
  return typeof output === 'string' ? output : '';
}

function codeOf(result: object): unknown {
  return 'code' in result ? result.code : undefined;
}

function endOf(result: object): string {
  return 'shortMessage' in result ? String(result.shortMessage) : 'no word of why';
}
