import type { Wrapping } from './run-command.ts';

/**
 * `$1` is the root, the rest a program and its arguments: none of them is ever part of the script. What is mounted here
 * goes with the namespace, which goes with the last process in it. Not `unshare --propagation`: util-linux 2.23 lacks
 * it, and shares mounts with the machine unless told otherwise here.
 */
const ENTER = `
root=$1
shift
mount --make-rprivate / || exit 125
for dir in dev proc sys run/udev; do
  [ -d "/$dir" ] || continue
  [ -d "$root/$dir" ] || mkdir -p "$root/$dir" || continue
  mount --rbind "/$dir" "$root/$dir" || exit 125
done
exec chroot "$root" "$@"`;

interface Launch extends Wrapping {
  readonly command: string;
  readonly args: readonly string[];
}

/** A program of the root at `root`, run there. */
export function chrooted(root: string, command: string, args: readonly string[]): Launch {
  return {
    command: 'unshare',
    args: ['--mount', '/bin/sh', '-c', ENTER, 'sh', root, command, ...args],
    shown: [command, ...args],
    diagnose: (exit, stderr) => {
      if (exit === 127 && /^chroot: .*No such file or directory$/m.test(stderr)) return 'program_absent';
      const refused = /(?:Operation not permitted|Permission denied|permission denied|must be superuser|only root can)/;
      if (/^(?:unshare|mount|chroot): /.test(stderr) && refused.test(stderr)) return 'not_permitted';
      return null;
    },
  };
}
