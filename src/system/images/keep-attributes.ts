import { chmod, chown, stat, utimes } from 'node:fs/promises';
import { BellwetherError } from '../../protocol/errors.ts';
import { runCommand } from '../run-command.ts';

/**
 * Gives a file the mode, the owner, the SELinux label and the extended attributes of another, and leaves it its own time.
 * Labels are copied by coreutils' `cp`, which knows every kind of them; where there is only a smaller `cp` (busybox),
 * mode and owner have to do.
 * @throws BellwetherError `command_failed`; the error of the system call where mode or owner cannot be set
 */
export async function keepAttributes(from: string, to: string): Promise<void> {
  const { atime, mtime } = await stat(to);
  await copyLabels(from, to);
  const [wanted, given] = [await stat(from), await stat(to)];
  // FAT knows neither mode nor owner: what it shows is the same for all files, and cannot be set.
  if (wanted.uid !== given.uid || wanted.gid !== given.gid) await chown(to, wanted.uid, wanted.gid);
  if (wanted.mode !== given.mode) await chmod(to, wanted.mode & 0o7777);
  await utimes(to, atime, mtime);
}

async function copyLabels(from: string, to: string): Promise<void> {
  try {
    await runCommand('cp', ['--attributes-only', '--preserve=all', '--', from, to]);
  } catch (error) {
    if (!(error instanceof BellwetherError)) throw error;
    const log = Array.isArray(error.at?.log) ? error.at.log.join('\n') : '';
    if (error.code !== 'program_absent' && !/unrecognized option|invalid option/.test(log)) throw error;
  }
}
