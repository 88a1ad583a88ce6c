import { spawn } from 'node:child_process';

/**
 * Kills a process group whole. By way of the shell's own `kill`: Node can signal a group through `process` alone,
 * which belongs to main.ts, and not every host has a `kill` program.
 */
export function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  spawn('/bin/sh', ['-c', 'kill -KILL "-$1" 2>/dev/null', 'sh', String(leader)], { stdio: 'ignore' })
    .on('error', () => undefined) // no shell, nothing that can be done: the time-out is told all the same
    .unref();
}
