import type { RunOptions } from '../system/runner.ts';
import type { PlannedCommand } from './types.ts';

const TWO_HOURS = 7200;
const TEN_MINUTES = 600;

/** Whether a command changes packages: ended halfway it leaves them, and the database, broken. */
export function isTransaction({ action }: Pick<PlannedCommand, 'action'>): boolean {
  return action === 'install' || action === 'reinstall' || action === 'configure';
}

/** How a command of a plan is run. */
export function runOptionsOf(planned: PlannedCommand): RunOptions {
  if (isTransaction(planned)) return { scope: true, outlives: true };
  if (planned.restores !== undefined) return { outlives: true };
  return { timeoutSeconds: planned.action === 'download' ? TWO_HOURS : TEN_MINUTES };
}

/** The download, which may be ended at any time, and the transaction, which finds all in the cache. */
export function inTwoSteps(
  action: 'install' | 'reinstall',
  packages: readonly { readonly name: string }[],
  download: PlannedCommand['command'],
  transaction: PlannedCommand['command'],
): readonly [PlannedCommand, PlannedCommand] {
  const what = packages.map(({ name }) => name).join(' ');
  return [
    { action: 'download', what, command: download },
    { action, what, command: transaction },
  ];
}
