import { BellwetherError } from '../protocol/errors.ts';
import type { RebuildAnswer, RebuildRequest } from '../protocol/messages.ts';
import type { Tools } from './progress.ts';

export function rebuild(request: RebuildRequest, _tools: Tools): Promise<RebuildAnswer> {
  return Promise.reject(new BellwetherError('not_supported', `"op" is "${request.op}": not in this version yet`));
}
