import { spawn } from 'node:child_process';
import type { Answer, CheckAnswer } from '../../src/protocol/messages.ts';
import { BUNDLE } from '../setup/build.mjs';
import { expectKind, expectValid } from './answers.ts';

export interface CallOptions {
  /** The Node binary to run the bundle on; the one that runs the test unless told. */
  readonly node?: string;
  /** Arguments after `bellwether`; `call` unless told. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** How a run of the bundle ended, and all that it printed. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the bundle as a process of its own, with these bytes on its stdin. */
export function runBellwether(input: string | Buffer, options: CallOptions = {}): Promise<Ended> {
  const { node = process.execPath, args = ['call'], env = {}, cwd } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(node, [BUNDLE, ...args], {
      env: { ...process.env, ...env },
      timeout: 120_000,
      killSignal: 'SIGKILL',
      ...(cwd === undefined ? {} : { cwd }),
    });
    const ended = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (ended.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (ended.stderr += text));
    child.stdin.on('error', () => undefined); // it may answer before it has read all
    child.stdin.end(input);
    child.on('error', reject);
    child.on('close', (status) => {
      resolve({ status, ...ended });
    });
  });
}

/** One request to `bellwether call`, answered: the exit status and the answer, held against its schema. */
export async function callBellwether(
  request: object | string | Buffer,
  options: CallOptions = {},
): Promise<Ended & { readonly answer: Answer }> {
  const input = typeof request === 'string' || Buffer.isBuffer(request) ? request : JSON.stringify(request);
  const ended = await runBellwether(input, options);
  return { ...ended, answer: readAnswer(ended) };
}

/** A check, which must be answered with a verdict. */
export async function check(request: {
  readonly root?: string;
  readonly detail?: 'summary' | 'full';
  readonly params?: object;
}): Promise<CheckAnswer> {
  const { answer } = await callBellwether({ protocol: 1, op: 'check', detail: 'full', ...request });
  return expectKind('check', answer);
}

/** The one answer on stdout: one JSON object and one newline, nothing else. */
export function readAnswer({ status, stdout, stderr }: Ended): Answer {
  if (!stdout.endsWith('\n') || stdout.indexOf('\n') !== stdout.length - 1) {
    throw new Error(
      `not one line of JSON (exit status ${status ?? 'none'}): ${stdout.slice(0, 2000)}\n${stderr.slice(-2000)}`,
    );
  }
  return expectValid(JSON.parse(stdout));
}
