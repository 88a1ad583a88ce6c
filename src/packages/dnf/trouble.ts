import { BellwetherError } from '../../protocol/errors.ts';

const LOCKED = /already locked by (?<pid>\d+)(?:\n.* is: (?<name>.*))?/;
const UNREACHABLE =
  /^.*(?:Failed to download metadata for repo|Cannot download repomd\.xml|Error downloading packages|Cannot find a valid baseurl|All mirrors were (?:already )?tried|Failed to synchronize cache for repo).*$/m;
const IGNORED = /^Ignoring repositories: (?<ids>.*)$/m;
const FILTERED = /^All matches were filtered out by .* for argument: (?<spec>.*)$/m;
const NOT_FOUND = /^(?:No match for argument|Error: Unable to find a match|Installed package .* not available)/m;
const NO_ROOM = /^.*At least (?<size>\S+) more space needed on the (?<path>\S+) filesystem\..*$/m;
const LAST_LINES = 20;

/** What dnf, and rpm below it, say instead of ending where another run is at work and they wait for it. */
export const WAITING =
  /^(?:Waiting for process with pid (?<pid>\d+) to finish|(?:warning: )?waiting for transaction lock on (?<path>\S+))/;
/** What rpm says where it does not wait. */
export const RPM_LOCK = /can't create transaction lock on (?<path>\S+)/;

/** Another run of a package manager is at work. */
export function packagesBusy(pid: number | null, name = ''): BellwetherError {
  const who = pid === null ? 'another process' : `process ${pid}${name === '' ? '' : ` (${name})`}`;
  return new BellwetherError('busy', `the package manager is held by ${who}`, {
    hint: 'try again when it has ended',
    at: pid === null ? {} : { pid },
  });
}

/** The repositories that dnf went on without, as `skip_if_unavailable` allows; null where it had them all. */
export function ignoredRepositories(stderr: string): BellwetherError | null {
  const ids = IGNORED.exec(stderr)?.groups?.ids;
  return ids === undefined
    ? null
    : new BellwetherError('repository_unreachable', `dnf could not reach ${ids}, and goes on without`, {
        hint: 'dnf makecache --refresh',
        at: { repositories: ids.split(', ') },
      });
}

/**
 * The error that the words of a failed dnf amount to: `busy`, `version_absent`, `boot_full`, `repository_unreachable`, else
 * `command_failed` with its last lines.
 */
export function dnfTrouble(command: readonly string[], exit: number, output: string): BellwetherError {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const at = { command: [...command], exit, log: lines.slice(-LAST_LINES) };
  const locked = LOCKED.exec(output)?.groups;
  if (locked?.pid !== undefined) return packagesBusy(Number(locked.pid), locked.name?.trim());
  if (RPM_LOCK.test(output)) return packagesBusy(null);
  const filtered = FILTERED.exec(output)?.groups?.spec;
  if (filtered !== undefined) {
    return new BellwetherError('command_failed', `dnf: ${filtered} is locked out or excluded`, {
      hint: 'dnf versionlock list; and "exclude" in /etc/dnf/dnf.conf and /etc/yum.repos.d',
      at,
    });
  }
  if (NOT_FOUND.test(output)) {
    const what = lines.find((line) => NOT_FOUND.test(line)) ?? '';
    return new BellwetherError('version_absent', `dnf: ${what}`, { hint: 'dnf makecache --refresh', at });
  }
  const room = NO_ROOM.exec(output)?.groups;
  if (room?.path?.startsWith('/boot') === true) {
    return new BellwetherError('boot_full', `${room.path} lacks ${room.size ?? ''} for what dnf is to install`, {
      at: { ...at, folder: room.path },
    });
  }
  const unreachable = UNREACHABLE.exec(output)?.[0];
  if (unreachable !== undefined) {
    const message = unreachable.replace(/^Error: /, '');
    return new BellwetherError('repository_unreachable', message, { hint: 'dnf makecache --refresh', at });
  }
  return new BellwetherError('command_failed', `dnf failed: ${errorIn(lines) ?? 'no word of why'}`, { at });
}

/** What stands behind `Error:`, and where that only leads to it, what comes next; else the last line. */
function errorIn(lines: readonly string[]): string | undefined {
  const at = lines.findIndex((line) => line.startsWith('Error:'));
  if (at === -1) return lines[lines.length - 1];
  const error = (lines[at] ?? '').slice('Error:'.length).trim();
  return error === '' || error.endsWith(':') ? `${error} ${(lines[at + 1] ?? '').trim()}`.trim() : error;
}
