import { BellwetherError } from '../protocol/errors.ts';
import type { Answer, Request } from '../protocol/messages.ts';
import { boundAnswer } from './bound-answer.ts';
import { check } from './check.ts';
import { inspect } from './inspect.ts';
import { version } from './version.ts';

/**
 * Does what a request asks, within its time limit.
 * @param started when the request came in, ms since the epoch
 * @throws BellwetherError where it cannot be answered; `timed_out` after `timeout_s` seconds
 */
export async function perform(request: Request, started: number): Promise<Answer> {
  const limit = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      limit.abort();
      reject(
        new BellwetherError('timed_out', `"timeout_s" is ${request.timeout_s}: no answer within that time`, {
          hint: 'ask again with a larger timeout_s',
          at: { op: request.op, timeout_s: request.timeout_s },
        }),
      );
    }, request.timeout_s * 1000);
  });
  try {
    const answer = await Promise.race([dispatch(request, limit.signal), expired]);
    const timed = { ...answer, duration_ms: Date.now() - started };
    return request.detail === 'full' ? timed : boundAnswer(timed);
  } finally {
    clearTimeout(timer);
  }
}

function dispatch(request: Request, signal: AbortSignal): Promise<Answer> {
  switch (request.op) {
    case 'version':
      return version(request);
    case 'inspect':
      return inspect(request, signal);
    case 'check':
      return check(request, signal);
  }
}
