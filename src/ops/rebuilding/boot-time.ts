import { openTree } from '../../host/tree.ts';
import type { HostFacts } from '../../host/types.ts';

/** When the machine was booted, in seconds since the epoch: `btime` of proc_stat(5); null where the host is not running. */
export function readBootTime(host: HostFacts): number | null {
  if (host.running === null) return null;
  const text = openTree(host.root, []).text('/proc/stat') ?? '';
  const time = /^btime (\d+)$/m.exec(text)?.[1];
  return time === undefined ? null : Number(time);
}
