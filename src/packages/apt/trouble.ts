import { BellwetherError } from '../../protocol/errors.ts';

const HELD =
  /(?:Could not get lock|Unable to (?:acquire|lock)|lock was locked by another process|is locked by another process)/;
const HOLDER = /(?:held by process|with pid) (?<pid>\d+)(?: \((?<name>[^)]*)\))?/;
const UNREACHABLE =
  /^[EW]: (?:Failed to fetch|Unable to fetch|Some index files failed|The repository .* (?:does no longer have|does not have))|Temporary failure resolving|Could not (?:connect|resolve)|Unable to connect|Connection (?:failed|timed out)|^Err:\d+ /m;
/** dpkg was ended halfway, or a package's script failed. */
const UNCONFIGURED = /dpkg was interrupted|dpkg returned an error code|^dpkg: error processing package/m;
const LAST_LINES = 20;

/**
 * The error that the words of a failed apt or dpkg amount to: `busy` where another run holds dpkg's lock,
 * `repository_unreachable`, `version_absent`, `package_absent`, else `command_failed` with its last lines.
 */
export function aptTrouble(command: readonly string[], exit: number, output: string): BellwetherError {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const at = { command: [...command], exit, log: lines.slice(-LAST_LINES) };
  if (HELD.test(output)) {
    const { pid, name } = HOLDER.exec(output)?.groups ?? {};
    const holder = pid === undefined ? 'another process' : `process ${pid}${name === undefined ? '' : ` (${name})`}`;
    return new BellwetherError('busy', `dpkg's lock is held by ${holder}`, {
      hint: 'try again when it has ended; unattended-upgrades takes its time',
      at: { ...at, ...(pid === undefined ? {} : { pid: Number(pid) }) },
    });
  }
  const version = /^E: Version '(?<version>[^']*)' for '(?<name>[^']*)' was not found/m.exec(output)?.groups;
  if (version !== undefined)
    return new BellwetherError(
      'version_absent',
      `no repository offers ${version.name ?? ''} ${version.version ?? ''}`,
      { at },
    );
  const absent = /^E: Unable to locate package (?<name>\S+)/m.exec(output)?.groups?.name;
  if (absent !== undefined) return new BellwetherError('package_absent', `no repository offers ${absent}`, { at });
  if (UNREACHABLE.test(output)) {
    const first = lines.find((line) => UNREACHABLE.test(line)) ?? '';
    return new BellwetherError('repository_unreachable', first.replace(/^[EW]: /, ''), {
      hint: 'apt-get update',
      at,
    });
  }
  const error = lines.filter((line) => /^(?:E:|dpkg: error)/.test(line)).pop() ?? lines.pop() ?? 'no word of why';
  return new BellwetherError('command_failed', `${command[0] ?? ''} failed: ${error.replace(/^E: /, '')}`, {
    ...(UNCONFIGURED.test(output) ? { hint: 'mend what the script says, then: dpkg --configure -a' } : {}),
    at,
  });
}
