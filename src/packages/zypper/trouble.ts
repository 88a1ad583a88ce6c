import { BellwetherError } from '../../protocol/errors.ts';
import { packagesBusy } from '../dnf/trouble.ts';
import { textOf } from './xml.ts';

/** Exit statuses of zypper(8) that say more than that it failed. */
export const ZYPPER_EXITS = { problem: 4, locked: 7, reboot: 102, restart: 103, notFound: 104, skipped: 106 } as const;

const HOLDER = /locked by the application with pid (?<pid>\d+) \((?<name>[^)]*)\)/;
const UNREACHABLE =
  /^.*(?:Failed to retrieve new repository metadata|Problem retrieving (?:the )?(?:files|repository)|Repository '[^']*' is invalid|Could not resolve host|Timeout exceeded when accessing|Download \(curl\) error).*$/m;
const ABSENT = /^(?:Package '(?<name>[^']*)' not found|No provider of '(?<capability>[^']*)' found)\.?$/m;
/** rpm's own words. */
const NO_ROOM = /needs (?<size>\S+) more space on the (?<path>\/boot\S*) filesystem/;
const LAST_LINES = 20;

/** The line that says that a repository could not be read, or null: zypper goes on without it. */
function unreachableRepository(output: string): string | null {
  return UNREACHABLE.exec(output)?.[0].trim() ?? null;
}

/**
 * The error that the words of a failed zypper amount to: `busy`, `boot_full`, `repository_unreachable`, `version_absent`, else
 * `command_failed` with its last lines.
 */
export function zypperTrouble(command: readonly string[], exit: number, output: string): BellwetherError {
  const text = textOf(output);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const at = { command: [...command], exit, log: lines.slice(-LAST_LINES) };
  if (exit === ZYPPER_EXITS.locked) {
    const { pid, name } = HOLDER.exec(text)?.groups ?? {};
    return packagesBusy(pid === undefined ? null : Number(pid), name);
  }
  const room = NO_ROOM.exec(text)?.groups;
  if (room !== undefined) {
    const message = `${room.path ?? ''} lacks ${room.size ?? ''} for what zypper is to install`;
    return new BellwetherError('boot_full', message, { at: { ...at, folder: room.path } });
  }
  const repository = unreachableRepository(text);
  if (repository !== null) {
    return new BellwetherError('repository_unreachable', repository, { hint: 'zypper refresh', at });
  }
  const { name, capability } = ABSENT.exec(text)?.groups ?? {};
  const spec = name ?? capability;
  if (spec !== undefined) return new BellwetherError('version_absent', `no repository offers ${spec}`, { at });
  const locked = /remove lock to allow .*/.exec(text)?.[0];
  if (locked !== undefined) {
    return new BellwetherError('command_failed', 'zypper refused: a version lock forbids it', {
      hint: `bellwether unlock, or zypper locks (zypper suggests: ${locked})`,
      at,
    });
  }
  const error = lines.find((line) => /^(?:- |Problem|Error|Cannot|nothing provides)/.test(line)) ?? lines.pop();
  return new BellwetherError('command_failed', `zypper failed: ${error ?? 'no word of why'}`, { at });
}
