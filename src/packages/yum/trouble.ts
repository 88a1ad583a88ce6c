import { BellwetherError } from '../../protocol/errors.ts';
import { packagesBusy } from '../dnf/trouble.ts';

const LOCKED = /^Existing lock \S+: another copy is running as pid (?<pid>\d+)\./m;
const UNREACHABLE =
  /^.*(?:Cannot find a valid baseurl for repo|Cannot retrieve metalink|\[Errno 256\] No more mirrors to try|Error downloading packages).*$/m;
const ABSENT = /^(?:Installed package .* not available\.|No package .* available\.|No Match for argument: .*)$/m;
const FULL = /^.*At least (?<size>\S+) more space needed on the (?<path>\/boot\S*) filesystem\..*$/m;
const LAST_LINES = 20;

/**
 * The error that the words of a failed yum 3 amount to: `busy`, `version_absent`, `boot_full`, `repository_unreachable`, else
 * `command_failed` with its last lines. Its words: cli.py, yum/__init__.py of yum 3.4.3.
 */
export function yumTrouble(command: readonly string[], exit: number, output: string): BellwetherError {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const at = { command: [...command], exit, log: lines.slice(-LAST_LINES) };
  const pid = LOCKED.exec(output)?.groups?.pid;
  if (pid !== undefined) return packagesBusy(Number(pid));
  if (output.includes("can't create transaction lock")) return packagesBusy(null);
  const absent = ABSENT.exec(output)?.[0];
  if (absent !== undefined)
    return new BellwetherError('version_absent', `yum: ${absent}`, { hint: 'yum clean all', at });
  const room = FULL.exec(output)?.groups;
  if (room?.path !== undefined) {
    return new BellwetherError('boot_full', `${room.path} lacks ${room.size ?? ''} for what yum is to install`, {
      at: { ...at, folder: room.path },
    });
  }
  const unreachable = UNREACHABLE.exec(output)?.[0].trim();
  if (unreachable !== undefined) {
    return new BellwetherError('repository_unreachable', unreachable, { hint: 'yum clean all; yum makecache', at });
  }
  const error = lines.find((line) => /^\s*Error: ./.test(line)) ?? lines.pop();
  return new BellwetherError('command_failed', `yum failed: ${error?.trim() ?? 'no word of why'}`, { at });
}
