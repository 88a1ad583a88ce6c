import type { ImageTree } from '../../image/types.ts';
import { lastValue } from '../command-line.ts';
import type { CommandLine } from '../types.ts';
import { execute, type Execution } from './init-program.ts';

/** What becomes of the program that the kernel starts in the image. */
export interface StartedInit {
  readonly path: string;
  readonly run: Execution;
  /** Where it is there and does not start: what the kernel starts in its place, where that is systemd. */
  readonly instead: string | null;
}

export function startInit(tree: ImageTree, cmdline: CommandLine | null): StartedInit {
  const path = initPathOf(cmdline);
  const run = execute(tree, path);
  return { path, run, instead: !run.runs && run.kind === 'refused' ? startedInstead(tree, cmdline) : null };
}

/** What the kernel starts in the image: `rdinit=`, else /init. */
export function initPathOf(cmdline: CommandLine | null): string {
  const rdinit = cmdline === null ? null : lastValue(cmdline, 'rdinit');
  return rdinit === null || rdinit === '' ? '/init' : rdinit;
}

/** What the kernel tries in the image where its init is there and does not start (Linux, init/main.c, kernel_init). */
const TRIED = ['/sbin/init', '/etc/init', '/bin/init', '/bin/sh'] as const;

/** The first of these that it can start, where that is systemd; with `init=` it tries that alone. */
function startedInstead(tree: ImageTree, cmdline: CommandLine | null): string | null {
  const asked = cmdline === null ? null : lastValue(cmdline, 'init');
  for (const path of asked === null ? TRIED : [asked]) {
    const run = execute(tree, path);
    if (run.runs) return run.chain[0]?.path.endsWith('/systemd/systemd') === true ? path : null;
  }
  return null;
}
