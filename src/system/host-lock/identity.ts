import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** What tells one process from every other, later ones with its number and other boots included. */
export interface ProcessIdentity {
  readonly pid: number;
  /** In clock ticks since the boot: `starttime` of proc_pid_stat(5). */
  readonly started: string;
  /** `/proc/sys/kernel/random/boot_id` */
  readonly boot: string;
  /** The pid namespace that the number is of. */
  readonly namespace: string;
}

/** This process. By way of /proc: `process` belongs to main.ts. */
export function ownIdentity(): ProcessIdentity {
  const pid = Number(readlinkSync('/proc/self'));
  return { pid, started: statOf(pid)?.started ?? '', boot: bootId(), namespace: pidNamespace() };
}

/**
 * Whether that process still is. A process of another pid namespace cannot be looked for from here, and is taken to be
 * alive as long as the machine was not booted again.
 */
export function isAlive({ pid, started, boot, namespace }: ProcessIdentity): boolean {
  if (boot !== bootId()) return false;
  if (namespace !== pidNamespace()) return true;
  const stat = statOf(pid);
  return stat !== null && stat.started === started && stat.state !== 'Z';
}

/** Whether the leader of a process group still is, as far as that can be seen from here. */
export function isLeaderAlive(leader: ProcessIdentity): boolean {
  return leader.namespace === pidNamespace() && isAlive(leader);
}

/** Whether a process, by its number, is of the pid namespace that we see. */
export function isOfOurNamespace({ namespace }: ProcessIdentity): boolean {
  return namespace === pidNamespace();
}

/**
 * Whether a process group that was started by that process is still at work: its leader, or, after its end, any member
 * (as long as there is one, the kernel gives the number to no other process).
 */
export function isGroupAlive(leader: ProcessIdentity): boolean {
  if (leader.boot !== bootId() || leader.namespace !== pidNamespace()) return false;
  const stat = statOf(leader.pid);
  if (stat !== null && stat.started !== leader.started) return false;
  const members = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (statOf(Number(name)) ?? []) : []));
  return members.some(({ group, state }) => group === leader.pid && state !== 'Z');
}

/** When a process started, by its number alone. */
export function identityOf(pid: number): ProcessIdentity {
  return { pid, started: statOf(pid)?.started ?? '', boot: bootId(), namespace: pidNamespace() };
}

/** Null where there is no such process. The name, field 2, may hold anything: what follows begins at the last bracket. */
function statOf(pid: number): { readonly state: string; readonly group: number; readonly started: string } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', group: Number(fields[2]), started: fields[19] ?? '' };
  } catch {
    return null;
  }
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
}

function pidNamespace(): string {
  return readlinkSync('/proc/self/ns/pid');
}

/** Whether any process has this number now. */
export function isNumberInUse(pid: number): boolean {
  return statOf(pid) !== null;
}
