import type { Wrapping } from './run-command.ts';

/**
 * `$1` is the root, `$2` its own command line, the rest a program and its arguments: none of them is ever part of the script.
 * Scripts of kernels take what /proc/cmdline says for the host's: it is shown its own. What is mounted here
 * goes with the namespace, which goes with the last process in it. Not `unshare --propagation`: util-linux 2.23 lacks
 * it, and shares mounts with the machine unless told otherwise here.
 */
const ENTER = `
root=$1
cmdline=$2
shift 2
mount --make-rprivate / || exit 125
place() {
  [ -d "/$1" ] || return 0
  [ -d "$root/$1" ] || mkdir -p "$root/$1" || return 0
  mount --rbind "/$1" "$root/$1"
}
place proc || exit 125
if [ -n "$cmdline" ] && [ -e "$root/proc/cmdline" ] && mkdir -p "$root/dev"; then
  mount -t tmpfs -o mode=755 none "$root/dev" &&
    printf '%s\\n' "$cmdline" > "$root/dev/cmdline" &&
    mount --bind "$root/dev/cmdline" "$root/proc/cmdline" &&
    umount "$root/dev" || exit 125
fi
for dir in dev sys run/udev; do place "$dir" || exit 125; done
exec chroot "$root" "$@"`;

interface Launch extends Wrapping {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * A program of the root at `root`, run there.
 * @param commandLine what `/proc/cmdline` says there; null: what it says on this machine
 */
export function chrooted(
  root: string,
  command: string,
  args: readonly string[],
  commandLine: string | null = null,
): Launch {
  return {
    command: 'unshare',
    args: ['--mount', '/bin/sh', '-c', ENTER, 'sh', root, commandLine ?? '', command, ...args],
    shown: [command, ...args],
    diagnose: (exit, stderr) => {
      if (exit === 127 && /^chroot: .*No such file or directory$/m.test(stderr)) return 'program_absent';
      const refused = /(?:Operation not permitted|Permission denied|permission denied|must be superuser|only root can)/;
      if (/^(?:unshare|mount|chroot): /.test(stderr) && refused.test(stderr)) return 'not_permitted';
      return null;
    },
  };
}
