import { BellwetherError } from '../protocol/errors.ts';
import type { LockAnswer, LockRequest } from '../protocol/messages.ts';
import type { Tools } from './progress.ts';

export function lock(request: LockRequest, _tools: Tools): Promise<LockAnswer> {
  return Promise.reject(new BellwetherError('not_supported', `"op" is "${request.op}": not in this version yet`));
}
