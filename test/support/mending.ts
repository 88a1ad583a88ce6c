import { expect } from '@jest/globals';
import type { ErrorAnswer, LockAnswer, ReinstallAnswer } from '../../src/protocol/messages.ts';
import { expectKind } from './answers.ts';
import type { Host } from './host.ts';

type Asking = Pick<Host, 'call'>;
interface Answers {
  readonly lock: LockAnswer;
  readonly reinstall: ReinstallAnswer;
}

/** What an answer says of the boot where there was nothing to do. */
export const UNJUDGED = {
  verdict: 'unknown',
  kernels: [],
  findings: [],
  unknowns: [{ what: 'whether this host boots', reason: expect.stringContaining('there was nothing to do') }],
};

/** A request that must be answered. */
export async function ask<O extends keyof Answers>(host: Asking, op: O, more: object = {}): Promise<Answers[O]> {
  const { status, answer } = await host.call({ protocol: 1, op, ...more });
  const { error } = answer;
  if (error !== null) throw new Error(`${op} failed (${status ?? 'killed'}): ${JSON.stringify(answer)}`);
  return expectKind(op, answer);
}

/** A request that must be refused: its error, and what it says was changed. */
export async function refused(host: Asking, request: object): Promise<ErrorAnswer> {
  const { answer } = await host.call({ protocol: 1, ...request });
  if (answer.error === null) throw new Error(`not refused: ${JSON.stringify(answer)}`);
  return expectKind('error', answer);
}

/**
 * Asks for a dry run, a run, and the run again: the first two must plan and tell the same, the last must change nothing.
 * @param unchanged what must be as it was after the dry run
 */
export async function askThrice<O extends keyof Answers>(
  host: Asking,
  op: O,
  params: object,
  unchanged: () => Promise<unknown>,
): Promise<Answers[O]> {
  const before = await unchanged();
  const planned = await ask(host, op, { dry_run: true, params });
  expect(await unchanged()).toEqual(before);
  const done = await ask(host, op, { params });
  expect({ steps: done.steps, changes: done.changes, changed: done.changed }).toEqual({
    steps: planned.steps,
    changes: planned.changes,
    changed: true,
  });
  const again = await ask(host, op, { params });
  expect(again).toMatchObject({ changed: false, changes: [], steps: [], ...UNJUDGED });
  return done;
}
