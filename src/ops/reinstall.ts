import { BellwetherError } from '../protocol/errors.ts';
import type { ReinstallAnswer, ReinstallRequest } from '../protocol/messages.ts';
import type { Tools } from './progress.ts';

export function reinstall(request: ReinstallRequest, _tools: Tools): Promise<ReinstallAnswer> {
  return Promise.reject(new BellwetherError('not_supported', `"op" is "${request.op}": not in this version yet`));
}
