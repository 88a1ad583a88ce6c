import type { Runner } from '../../system/runner.ts';

/** The process that holds rpm's transaction lock, by the machine's list of file locks; null where it has none there. proc_locks(5) */
export async function rpmLockHolder(runner: Runner, path: string): Promise<number | null> {
  const accept = [0, 1];
  const [inode, locks] = await Promise.all([
    runner.run('stat', ['--format=%i', '--', path], { accept }),
    runner.run('cat', ['/proc/locks'], { accept }),
  ]);
  return parseHolder(locks.stdout, inode.stdout.trim());
}

/** Device numbers are left aside: stat and /proc/locks tell different ones for files on overlay and btrfs. */
export function parseHolder(locks: string, inode: string): number | null {
  for (const line of locks.split('\n')) {
    const match = /^\d+: \S+ +\S+ +WRITE +(?<pid>\d+) [\da-f]+:[\da-f]+:(?<inode>\d+) /.exec(line)?.groups;
    if (match?.inode === inode && inode !== '') return Number(match.pid);
  }
  return null;
}
