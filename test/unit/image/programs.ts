import { accessSync, constants } from 'node:fs';

/** Whether a program is where the reader looks for it. Without it the same test proves what is told then. */
export function hasProgram(name: string): boolean {
  return ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((folder) => {
    try {
      accessSync(`${folder}/${name}`, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
