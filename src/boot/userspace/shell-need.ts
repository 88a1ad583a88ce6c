import type { ImageFacts } from '../../image/types.ts';
import type { CommandLine } from '../types.ts';
import { findExecutable, runsSystemd } from './programs.ts';
import { startedUnits } from './started-units.ts';

/** `#!/bin/sh -e`, `/usr/bin/bash`, `/bin/busybox sh` */
const SHELL = /(?:^|\/)(?:(?:ba|da|a|k|z)?sh|busybox)(?:\s|$)/;

/**
 * Whether this boot gets to a shell: without systemd the init of an image is a script; with it, the scripts are those that
 * its units run, and dracut's run only where a hook is there for them.
 */
export function needsShell({ tree }: ImageFacts, cmdline: CommandLine | null): boolean {
  if (!runsSystemd(tree)) return true;
  const started = startedUnits(tree, cmdline);
  if (started === null) return true;
  return started.commands.some(({ command: { program } }) => {
    if (SHELL.test(program)) return true;
    const script = program.startsWith('/') ? findExecutable(tree, [program]) : null;
    return SHELL.test(script?.interpreter?.trim() ?? '');
  });
}
