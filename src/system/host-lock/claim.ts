import { linkSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errorCode } from '../error-code.ts';
import { isHolding, readHolder, type Holder } from './holder.ts';
import { isNumberInUse } from './identity.ts';

/** Each is lost to somebody who meanwhile took the lock and gave it back. */
const ATTEMPTS = 1000;

/** Taken: after whom, where dead holders had left it. Or not: who holds it. */
export type Claim =
  { readonly taken: true; readonly after: readonly Holder[] } | { readonly taken: false; readonly by: Holder };

/**
 * Takes the lock: by a hard link from `own` to `lock`, which one process alone can make, and which appears whole.
 *
 * A dead holder's lock is taken by a link to a name that stands for the right to follow that one holder (holders' ids
 * are never used twice), so that one process alone can make it; who made it, and still finds the dead holder's lock in
 * place, renames it over. The right to follow may itself be a dead process's, which is followed in the same way.
 *
 * @param own a file that says who we are; it is gone when the lock is taken
 */
export function claim(lock: string, own: string): Claim {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const reached = reach(lock, own);
    if (reached === null) continue;
    if ('by' in reached) return { taken: false, by: reached.by };
    const { name, after } = reached;
    const [first] = after;
    if (first === undefined || readHolder(lock)?.id === first.id) {
      rmSync(own);
      if (first !== undefined) renameSync(name, lock);
      return { taken: true, after };
    }
    rmSync(name, { force: true }); // somebody took it over and was done with it, before we got here
  }
  throw new Error(`${lock} could not be taken in ${ATTEMPTS} attempts`);
}

/** Follows dead holders up to the first name that is free, and takes that. Null where what was there is gone. */
function reach(
  lock: string,
  own: string,
): { readonly name: string; readonly after: readonly Holder[] } | { readonly by: Holder } | null {
  const after: Holder[] = [];
  let name = lock;
  while (!makeLink(own, name)) {
    const holder = readHolder(name);
    if (holder === null) return null;
    if (isHolding(holder)) return { by: holder };
    after.push(holder);
    name = successorOf(lock, holder);
  }
  return { name, after };
}

function makeLink(own: string, name: string): boolean {
  try {
    linkSync(own, name);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Where a process says who it is before it takes the lock. */
export function candidateOf(lock: string, { pid, id }: Holder): string {
  return `${lock}.new-${pid}-${id}`;
}

function successorOf(lock: string, { id }: Holder): string {
  return `${lock}.after-${id}`;
}

/** Clears what processes that ended in the middle of all this left. To be called by who holds the lock. */
export function clearLeftovers(lock: string): void {
  const folder = dirname(lock);
  for (const file of readdirSync(folder)) {
    if (!file.startsWith(`${basename(lock)}.`)) continue;
    const pid = /\.new-(?<pid>\d+)-/.exec(file)?.groups?.pid;
    if (pid === undefined ? file.includes('.after-') : !isNumberInUse(Number(pid)))
      rmSync(join(folder, file), { force: true });
  }
}
