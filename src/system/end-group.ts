import { spawn } from 'node:child_process';

/** Tries, 50 ms apart, to see the group gone after it was killed: a process in the kernel's hands takes its time. */
const PATIENCE = 40;

/** `kill -0` still sees those that were killed and not yet waited for: then the patience ends. */
const END = `
kill -KILL "-$1" 2>/dev/null || exit 0
tries=$2
while [ "$tries" -gt 0 ] && kill -0 "-$1" 2>/dev/null; do
  tries=$((tries - 1))
  sleep 0.05
done`;

/**
 * Kills a process group whole, and settles when it is gone, or after two seconds. By way of the shell's own `kill`:
 * Node can signal a group through `process` alone, which belongs to main.ts, and not every host has a `kill` program.
 */
export function endGroup(leader: number | undefined): Promise<void> {
  if (leader === undefined || leader <= 1) return Promise.resolve();
  return new Promise((resolve) => {
    spawn('/bin/sh', ['-c', END, 'sh', String(leader), String(PATIENCE)], { stdio: 'ignore' })
      .on('error', () => {
        resolve(); // no shell, nothing that can be done: what the caller has to tell is told all the same
      })
      .on('close', () => {
        resolve();
      });
  });
}
