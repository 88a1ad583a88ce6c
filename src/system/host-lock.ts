/** One run that changes a host at a time. */
import { randomBytes } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { BellwetherError } from '../protocol/errors.ts';
import { endGroup } from './end-group.ts';
import { errorCode } from './error-code.ts';
import { candidateOf, claim, clearLeftovers } from './host-lock/claim.ts';
import { newHolder, readHolder, survivorOf, writeHolder, type Holder } from './host-lock/holder.ts';
import { identityOf, isGroupAlive, isOfOurNamespace } from './host-lock/identity.ts';
import { lockPath } from './host-lock/lock-path.ts';
import type { GroupStarted } from './run-command.ts';

/** What the holder of a host's lock has. */
export interface HeldLock {
  /**
   * Notes each process group that is started, so that who follows a holder that was killed ends what it left running, and
   * waits for what nobody may end.
   */
  readonly started: GroupStarted;
}

/**
 * Holds the host's lock while the work is done. The lock is a file below the root's `/run` that says who holds it; one
 * whose holder is dead is taken over, and what that one left running is ended before the work begins; but as long as a
 * transaction of it is at work, which nobody may end, the lock is held.
 * @param root absolute, links followed
 * @param op the operation, for others to be told
 * @throws BellwetherError `busy` where another holds it (`at`: its pid, operation and age, or the pid and the command of
 *   what a dead one left at work); `not_permitted`; what the work throws
 */
export async function withHostLock<T>(root: string, op: string, work: (held: HeldLock) => Promise<T>): Promise<T> {
  const own = newHolder(op, randomBytes(8).toString('hex'));
  const { path, after } = take(root, own);
  try {
    const leftRunning = after.flatMap(({ groups }) => groups.filter(({ outlives }) => outlives === null));
    await Promise.all(leftRunning.filter(isGroupAlive).map(({ pid }) => endGroup(pid)));
    return await work({ started: noting(path, own) });
  } finally {
    if (readHolder(path)?.id === own.id) rmSync(path, { force: true });
  }
}

function take(root: string, own: Holder): { readonly path: string; readonly after: readonly Holder[] } {
  let candidate: string | undefined;
  try {
    const path = lockPath(root);
    candidate = candidateOf(path, own);
    writeHolder(candidate, own);
    const claimed = claim(path, candidate);
    if (!claimed.taken) throw busy(path, claimed.by);
    clearLeftovers(path);
    return { path, after: claimed.after };
  } catch (error) {
    const code = errorCode(error);
    if (code === null) throw error;
    throw new BellwetherError('not_permitted', `the lock of this host could not be taken: ${String(error)}`, {
      hint: code === 'EROFS' ? 'mount it writable' : 'run it as root',
      at: { root },
      cause: error,
    });
  } finally {
    if (candidate !== undefined) rmSync(candidate, { force: true });
  }
}

/** Only who holds the lock writes it again: whole, by a rename. */
function noting(path: string, own: Holder): GroupStarted {
  let holder = own;
  const note = (groups: Holder['groups']): void => {
    holder = { ...holder, groups };
    const candidate = candidateOf(path, holder);
    writeHolder(candidate, holder);
    renameSync(candidate, path);
  };
  return (group, outlives) => {
    const leader = { ...identityOf(group), outlives };
    note([...holder.groups, leader]);
    return () => {
      note(holder.groups.filter((other) => other !== leader));
    };
  };
}

function busy(path: string, holder: Holder): BellwetherError {
  const { op, since } = holder;
  const age = Math.max(0, Math.round((Date.now() - since) / 1000));
  const survivor = survivorOf(holder);
  if (survivor !== null) {
    const { pid, outlives: command } = survivor;
    return new BellwetherError(
      'busy',
      `a ${op} was killed, and what it began is still at work on this host: ${command ?? ''}, pid ${pid}, for ${age} s`,
      { hint: 'let it end, and ask again then', at: { pid, op, age_s: age, lock: path, command } },
    );
  }
  const { pid } = holder;
  return new BellwetherError('busy', `another run is at work on this host: ${op}, pid ${pid}, for ${age} s`, {
    hint: isOfOurNamespace(holder)
      ? 'ask again when it has ended'
      : `ask again when it has ended; it runs in a container, or ran there: if no bellwether does any more, remove ${path}`,
    at: { pid, op, age_s: age, lock: path },
  });
}
