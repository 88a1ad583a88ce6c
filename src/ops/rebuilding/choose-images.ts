import type { Finding, RebuildRequest } from '../../protocol/messages.ts';

export interface Choice {
  readonly rebuild: boolean;
  readonly because: string;
}

/** Whether what the check finds asks for a rebuild, and why or why not in words. */
export function chooseRebuild(findings: readonly Finding[], when: RebuildRequest['params']['when']): Choice {
  const counted = findings.filter(({ ignored }) => ignored !== true);
  const asking = counted.filter(
    ({ severity, repair }) =>
      repair.includes('rebuild') && (severity === 'fatal' || (when !== 'unhealthy' && severity === 'warning')),
  );
  const [first] = asking;
  if (first !== undefined) return { rebuild: true, because: `${first.code}: ${first.message}` };
  if (when === 'always') return { rebuild: true, because: '"params.when" is "always"' };
  const fatal = counted.find(({ severity }) => severity === 'fatal');
  if (fatal !== undefined)
    return { rebuild: false, because: `a rebuild does not mend ${fatal.code}: ${fatal.message}` };
  return { rebuild: false, because: when === 'stale' ? 'it is healthy and up to date' : 'it is not unhealthy' };
}
