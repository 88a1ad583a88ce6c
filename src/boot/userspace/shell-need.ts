import type { ImageTree } from '../../image/types.ts';
import { lastValue, namesDisk } from '../command-line.ts';
import { onceFor } from '../once-for.ts';
import type { BootFacts, CommandLine, Requirement } from '../types.ts';
import { findExecutable, runsSystemd } from './programs.ts';
import { startedUnits } from './started-units.ts';

/** `#!/bin/sh -e`, `/usr/bin/bash`, `/bin/busybox sh` */
const SHELL = /(?:^|\/)(?:(?:ba|da|a|k|z)?sh|busybox)(?:\s|$)/;

/**
 * Whether this boot needs a shell: without systemd the init of an image is a script; with it, the scripts are those that
 * its units run, and dracut's run only where a hook is there for them. A unit that may fail (`ExecStart=-`) fails without
 * harm where systemd finds and mounts / by itself.
 */
export function needsShell(
  { image, cmdline }: Pick<BootFacts, 'image' | 'cmdline'>,
  requirements: readonly Requirement[],
): boolean {
  if (image === null || !runsSystemd(image.tree)) return true;
  const started = startedUnits(image.tree, cmdline);
  if (started === null) return true;
  const scripts = started.commands.filter(({ command: { program } }) => isScript(image.tree, program));
  const mayFail = scripts.every(({ command }) => command.mayFail);
  return scripts.length > 0 && !(mayFail && isMountedBySystemd(image.tree, cmdline, requirements));
}

function isScript(tree: ImageTree, program: string): boolean {
  if (SHELL.test(program)) return true;
  const script = program.startsWith('/') ? findExecutable(tree, [program]) : null;
  return SHELL.test(script?.interpreter?.trim() ?? '');
}

/** Layers that udev's own rules and systemd's generators assemble; the others are assembled by what dracut's scripts queue. */
const ASSEMBLED_WITHOUT_SCRIPTS = new Set(['crypt', 'md']);

/** `/` is on a disk that udev names once it is there, nothing below it is assembled by scripts, and no hook of dracut's mounts it. */
function isMountedBySystemd(
  tree: ImageTree,
  cmdline: CommandLine | null,
  requirements: readonly Requirement[],
): boolean {
  const root = cmdline === null ? null : lastValue(cmdline, 'root');
  return (
    namesDisk(root) &&
    !hasMountHook(tree) &&
    requirements.every(({ kind, name }) => kind !== 'layer' || ASSEMBLED_WITHOUT_SCRIPTS.has(name))
  );
}

/** Whether a hook of dracut's is there to mount /. */
export const hasMountHook = onceFor((tree: ImageTree): boolean =>
  [...tree.entries.keys()].some((path) => /^(?:usr\/|var\/)?lib\/dracut\/hooks\/mount\/./.test(path)),
);
