import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { ENVIRONMENT } from './environment.ts';

/** How a streamed program ended. */
export type ProgramEnd =
  | { readonly started: false }
  | { readonly started: true; readonly exit: number | null; /** Its last 4 KiB. */ readonly stderr: string };

export interface StreamedProgram {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Settles when it has ended and its output is read; never rejects. */
  readonly ended: Promise<ProgramEnd>;
  kill(): void;
}

const STDERR_KEPT = 4096;

/**
 * Starts a filter (a decompressor): an argument list, no shell, a fixed PATH, the C locale.
 * Straight from node:child_process: loading execa takes 20 ms, as long as a small image takes to unpack.
 */
export function streamProgram(command: string, args: readonly string[]): StreamedProgram {
  const child = spawn(command, args, { env: ENVIRONMENT, stdio: ['pipe', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('latin1').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
  });
  child.stdin.on('error', () => undefined); // a decoder that stops early leaves input unread: its exit status tells
  const ended = new Promise<ProgramEnd>((resolve) => {
    child.on('error', () => {
      resolve({ started: child.pid !== undefined, exit: null, stderr });
    });
    child.on('close', (exit) => {
      resolve({ started: child.pid !== undefined, exit, stderr });
    });
  });
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    ended,
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}
