import { BellwetherError } from '../protocol/errors.ts';
import type { RepairAnswer, RepairRequest } from '../protocol/messages.ts';
import type { Tools } from './progress.ts';

export function repair(request: RepairRequest, _tools: Tools): Promise<RepairAnswer> {
  return Promise.reject(new BellwetherError('not_supported', `"op" is "${request.op}": not in this version yet`));
}
