import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { errorCode } from '../error-code.ts';
import { isAlive, isLeaderAlive, ownIdentity, type ProcessIdentity } from './identity.ts';

/** The leader of a process group. */
export interface StartedGroup extends ProcessIdentity {
  /** The command of one that nobody may end; null for others. */
  readonly outlives: string | null;
}

/** Who holds the lock: what the lock's file says, as JSON. */
export interface Holder extends ProcessIdentity {
  /** Never used twice. */
  readonly id: string;
  readonly op: string;
  /** When it was taken, ms since the epoch. */
  readonly since: number;
  /** Leaders of the process groups that it started and that had not ended. */
  readonly groups: readonly StartedGroup[];
}

/** This process, as a holder. */
export function newHolder(op: string, id: string): Holder {
  return { ...ownIdentity(), id, op, since: Date.now(), groups: [] };
}

/** Writes a new file, which nobody else must have made. */
export function writeHolder(path: string, holder: Holder): void {
  const file = openSync(path, 'wx', 0o644);
  try {
    writeSync(file, `${JSON.stringify(holder)}\n`);
  } finally {
    closeSync(file);
  }
}

/**
 * Who holds a lock; null where the file is not there. The file appears whole: one that cannot be understood was
 * damaged when the machine went down, and its holder with it.
 */
export function readHolder(path: string): Holder | null {
  try {
    const text = readFileSync(path, 'utf8');
    return understand(text) ?? unreadable(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Whether it is at work: itself, or what it started and nobody may end. */
export function isHolding(holder: Holder): boolean {
  return (holder.pid > 0 && isAlive(holder)) || survivorOf(holder) !== null;
}

/** What a holder that is dead left running, and must be waited for; null where there is nothing, or the holder lives. */
export function survivorOf(holder: Holder): StartedGroup | null {
  if (holder.pid > 0 && isAlive(holder)) return null;
  return holder.groups.find((group) => group.outlives !== null && isLeaderAlive(group)) ?? null;
}

function unreadable(path: string): Holder {
  const id = `unreadable-${String(statSync(path).ino)}`;
  return { id, pid: 0, started: '', boot: '', namespace: '', op: 'unknown', since: 0, groups: [] };
}

function understand(text: string): Holder | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const identity = understandIdentity(value);
  if (identity === null || !isRecord(value)) return null;
  const { id, op, since, groups } = value;
  // The id becomes part of a file's name.
  if (typeof id !== 'string' || !/^[\w-]{1,64}$/.test(id)) return null;
  if (typeof op !== 'string' || typeof since !== 'number' || !Array.isArray(groups)) return null;
  return { ...identity, id, op, since, groups: groups.flatMap(understandGroup) };
}

function understandGroup(value: unknown): readonly StartedGroup[] {
  const identity = understandIdentity(value);
  if (identity === null || !isRecord(value)) return [];
  return [{ ...identity, outlives: typeof value.outlives === 'string' ? value.outlives : null }];
}

function understandIdentity(value: unknown): ProcessIdentity | null {
  if (!isRecord(value)) return null;
  const { pid, started, boot, namespace } = value;
  if (typeof pid !== 'number' || !Number.isInteger(pid) || pid < 1) return null;
  if (typeof started !== 'string' || typeof boot !== 'string' || typeof namespace !== 'string') return null;
  return { pid, started, boot, namespace };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
