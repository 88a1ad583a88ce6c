import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { ENVIRONMENT } from './environment.ts';

/** How a streamed program ended. */
export type ProgramEnd =
  | { readonly started: false }
  | { readonly started: true; readonly exit: number | null; /** Its last 4 KiB. */ readonly stderr: string };

export interface StreamedProgram {
  /** Null where the program reads from a descriptor instead. */
  readonly stdin: Writable | null;
  readonly stdout: Readable;
  /** Settles when it has ended and its output is read; never rejects. */
  readonly ended: Promise<ProgramEnd>;
  kill(): void;
}

const STDERR_KEPT = 4096;

/**
 * Starts a filter (a decompressor): an argument list, no shell, a fixed PATH, the C locale.
 * @param input an open file that it reads, from where that stands, in place of its `stdin`
 * Straight from node:child_process: loading execa takes 20 ms, as long as a small image takes to unpack.
 */
export function streamProgram(command: string, args: readonly string[], input: number | null = null): StreamedProgram {
  const child = spawn(command, args, { env: ENVIRONMENT, stdio: [input ?? 'pipe', 'pipe', 'pipe'] });
  const { stdin, stdout, stderr: words } = child;
  if (stdout === null || words === null) throw new Error(`${command} was started without pipes`);
  let stderr = '';
  words.setEncoding('latin1').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
  });
  stdin?.on('error', () => undefined); // a decoder that stops early leaves input unread: its exit status tells
  const ended = new Promise<ProgramEnd>((resolve) => {
    child.on('error', () => {
      resolve({ started: child.pid !== undefined, exit: null, stderr });
    });
    child.on('close', (exit) => {
      resolve({ started: child.pid !== undefined, exit, stderr });
    });
  });
  return {
    stdin,
    stdout,
    ended,
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}
