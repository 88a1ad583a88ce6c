import { existsSync } from 'node:fs';
import { openTree } from '../../host/tree.ts';

const MACHINE = '/sys/fs/selinux/enforce';

/** What is to be told where files were written below a root that enforces SELinux by a system that has none; else nothing. */
export function relabelNote(root: string): readonly string[] {
  if (root === '/' || existsSync(MACHINE)) return [];
  const tree = openTree(root, []);
  if (!/^\s*SELINUX=enforcing\b/m.test(tree.text('/etc/selinux/config') ?? '')) return [];
  if (tree.exists('/.autorelabel') === true) return [];
  return [
    `what was written has no SELinux labels, and the host enforces them: touch ${root}/.autorelabel before it boots`,
  ];
}
