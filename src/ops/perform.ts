import { BellwetherError } from '../protocol/errors.ts';
import type { Answer, Request } from '../protocol/messages.ts';
import { boundAnswer } from './bound-answer.ts';
import { check } from './check.ts';
import { inspect } from './inspect.ts';
import { silent, type Progress, type Tools } from './progress.ts';
import { version } from './version.ts';

/**
 * Does what a request asks, within its time limit.
 * @param started when the request came in, ms since the epoch
 * @param progress is told what is being done; nobody unless given
 * @throws BellwetherError where it cannot be answered; `timed_out` after `timeout_s` seconds
 */
export async function perform(request: Request, started: number, progress: Progress = silent): Promise<Answer> {
  const limit = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const late = timedOut(request);
      limit.abort(late);
      // What changes a host first ends what it runs and clears what it left; then it rejects with the same error.
      if (!mends(request)) reject(late);
    }, request.timeout_s * 1000);
  });
  try {
    const answer = await Promise.race([dispatch(request, { signal: limit.signal, progress }), expired]);
    const timed = { ...answer, duration_ms: Date.now() - started };
    return request.detail === 'full' ? timed : boundAnswer(timed);
  } finally {
    clearTimeout(timer);
  }
}

function mends(request: Request): boolean {
  return request.op !== 'version' && request.op !== 'inspect' && request.op !== 'check';
}

function timedOut(request: Request): BellwetherError {
  return new BellwetherError('timed_out', `"timeout_s" is ${request.timeout_s}: no answer within that time`, {
    hint: 'ask again with a larger timeout_s',
    at: { op: request.op, timeout_s: request.timeout_s },
  });
}

// What mends is loaded only where it is asked for: a check starts the sooner.
async function dispatch(request: Request, tools: Tools): Promise<Answer> {
  switch (request.op) {
    case 'version':
      return version(request);
    case 'inspect':
      return inspect(request, tools.signal);
    case 'check':
      return check(request, tools.signal);
    case 'reinstall':
      return (await import('./reinstall.ts')).reinstall(request, tools);
    case 'rebuild':
      return (await import('./rebuild.ts')).rebuild(request, tools);
    case 'lock':
      return (await import('./lock.ts')).lock(request, tools);
    case 'repair':
      return (await import('./repair.ts')).repair(request, tools);
  }
}
