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
 * @param interrupted aborted where the process is asked to end
 * @param progress is told what is being done; nobody unless given
 * @throws BellwetherError where it cannot be answered; `timed_out` after `timeout_s` seconds; `interrupted`
 */
export async function perform(
  request: Request,
  started: number,
  interrupted: AbortSignal,
  progress: Progress = silent,
): Promise<Answer> {
  const limit = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let interrupt = (): void => undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    const end = (error: BellwetherError): void => {
      limit.abort(error);
      // What changes a host first ends what it runs, or waits for what is not to be ended halfway, and clears what it left;
      // then it rejects with the same error.
      if (!mends(request)) reject(error);
    };
    timer = setTimeout(() => {
      end(timedOut(request));
    }, request.timeout_s * 1000);
    interrupt = () => {
      end(ended(request, interrupted));
    };
    if (interrupted.aborted) interrupt();
    else interrupted.addEventListener('abort', interrupt);
  });
  try {
    const answer = await Promise.race([dispatch(request, { signal: limit.signal, progress }), expired]);
    const timed = { ...answer, duration_ms: Date.now() - started };
    return request.detail === 'full' ? timed : boundAnswer(timed);
  } finally {
    clearTimeout(timer);
    interrupted.removeEventListener('abort', interrupt);
  }
}

function mends(request: Request): boolean {
  return request.op !== 'version' && request.op !== 'inspect' && request.op !== 'check';
}

function ended({ op }: Request, { reason }: AbortSignal): BellwetherError {
  return new BellwetherError('interrupted', `${op} was ended by ${String(reason)} before all was done`, {
    hint: 'ask again',
    at: { op },
  });
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
