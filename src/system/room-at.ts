import { statfs } from 'node:fs/promises';
import { runCommand } from './run-command.ts';

/** Of the file system that holds `path`: bytes in all, and for whoever is not root. */
export type Room = Readonly<{
  total: number;
  free: number;
}>;

/** By statfs(2); by stat(1) on Node before 18.15, which has no such call. */
export async function roomAt(path: string): Promise<Room> {
  if (typeof statfs === 'function') {
    const { bsize, blocks, bavail } = await statfs(path);
    return { total: bsize * blocks, free: bsize * bavail };
  }
  const { stdout } = await runCommand('stat', ['-f', '-c', '%S %b %a', '--', path]);
  const [size, blocks, free] = stdout.trim().split(' ').map(Number);
  if (size === undefined || blocks === undefined || free === undefined) throw new Error(`stat -f says "${stdout}"`);
  return { total: size * blocks, free: size * free };
}
