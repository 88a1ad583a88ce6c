import { BellwetherError } from '../../protocol/errors.ts';
import { packagesBusy } from '../dnf/trouble.ts';

const UNREACHABLE =
  /^(?:>>> )?(?:Failed to download metadata .*|Curl error .*|Usable URL not found|Failed to download packages.*|No more mirrors to try.*|.*Cannot download.*)$/im;
const WITHOUT =
  /^(?:No match for argument: (?<unknown>.*)|Packages for argument '(?<gone>.*)' installed, but not available\.)$/m;
const EXCLUDED = /^(?:Cannot perform .*|Argument .*)matches only packages excluded by versionlock\.?$/m;
/** rpm's own words. */
const NO_ROOM = /needs (?<size>\S+) more space on the (?<path>\/boot\S*) filesystem/;
const LAST_LINES = 20;

/** What dnf 5 says of another run that holds the system repository: this line, then one with each holder's pid and command. */
export const WAITING = /^Waiting for a lock on the system repository\./;
export const HOLDER = /^(?<pid>\d+)\t(?<command>.*)$/;

/** The line that says that a repository could not be read, or null. With `skip_if_unavailable` dnf goes on without it. */
export function unreachable(output: string): string | null {
  return UNREACHABLE.exec(output)?.[0].replace(/^>>> /, '') ?? null;
}

/**
 * The error that the words of a failed dnf 5 amount to: `repository_unreachable`, `version_absent`, `busy`, `boot_full`, else
 * `command_failed` with its last lines.
 */
export function dnf5Trouble(command: readonly string[], exit: number, output: string): BellwetherError {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const at = { command: [...command], exit, log: lines.slice(-LAST_LINES) };
  if (output.includes('Failed to obtain rpm transaction lock')) return packagesBusy(null);
  const repository = unreachable(output);
  if (repository !== null) {
    return new BellwetherError('repository_unreachable', repository, { hint: 'dnf5 makecache --refresh', at });
  }
  const { unknown, gone } = WITHOUT.exec(output)?.groups ?? {};
  const spec = unknown ?? gone;
  if (spec !== undefined)
    return new BellwetherError('version_absent', `no repository offers ${spec}`, {
      hint: 'dnf5 makecache --refresh',
      at,
    });
  const room = NO_ROOM.exec(output)?.groups;
  if (room !== undefined) {
    return new BellwetherError('boot_full', `${room.path ?? ''} lacks ${room.size ?? ''} for what dnf is to install`, {
      at: { ...at, folder: room.path },
    });
  }
  const locked = EXCLUDED.exec(output)?.[0];
  if (locked !== undefined) {
    return new BellwetherError('command_failed', locked, { hint: 'bellwether unlock, or dnf5 versionlock list', at });
  }
  const error = lines.find((line) => /^(?:Failed|Error|Problem|setopt|.*terminate called)/.test(line)) ?? lines.pop();
  return new BellwetherError('command_failed', `dnf5 failed: ${error ?? 'no word of why'}`, { at });
}
