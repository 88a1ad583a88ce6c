import { spawn } from 'node:child_process';
import { fstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { ENVIRONMENT } from './environment.ts';
import { errorCode } from './error-code.ts';
import { runCommand } from './run-command.ts';

/** `f_type` of statfs(2). */
const KINDS: ReadonlyMap<number, Kind> = new Map([
  [0xef53, 'ext'],
  [0x58465342, 'xfs'],
]);

type Kind = 'ext' | 'xfs' | 'other';

/**
 * `$1` is a folder, `$2` whether to freeze. What freezes also thaws, unless freezing said that it did nothing, and nobody
 * is asked in between: it ignores the signals that end others, and is in no group that bellwether ends. Freezing what
 * somebody else has frozen fails, and theirs is left alone.
 */
const SYNC = `
trap '' HUP INT QUIT PIPE ALRM TERM
sync -f "$1" 2>/dev/null || sync
[ "$2" = freeze ] || exit 0
fsfreeze --freeze "$1"
case $? in 1|126|127) exit 3 ;; esac
for try in 1 2 3 4 5; do
  fsfreeze --unfreeze "$1" && exit 0
  sleep 0.1
done
exit 4`;

/** Longer than a disk takes that works: it is then waited for no more, but not ended. */
const PATIENCE_MS = 120_000;

/**
 * Has what was written to the file system that holds `folder` where a boot loader finds it, which reads the disk and
 * replays no journal: synced, and, for ext and XFS, frozen and thawed at once, as dracut does.
 * https://github.com/dracutdevs/dracut/issues/331
 * @param inUse what must go on working meanwhile, as this machine names it: a file system that holds any of them, or that
 *   others stand on (swap, loop devices), is not frozen. What is not there holds nothing
 * @returns why the loader may still see what was there before, in words; null where it sees what was written
 */
export async function syncForLoader(folder: string, inUse: readonly string[]): Promise<string | null> {
  const kind = await kindOf(folder);
  const freeze = kind !== 'other' && !holdsAny(statSync(folder).dev, inUse);
  const exit = await run(folder, freeze);
  if (exit === 0 && (freeze || kind !== 'xfs')) return null;
  // Syncing puts ext's directories in their place; XFS leaves them in its journal.
  if (exit === 3 && kind === 'ext') return null;
  switch (exit) {
    case 0:
      return 'its file system is in use by more than the loader, and cannot be frozen';
    case 3:
      return 'its file system could not be frozen';
    case null:
      return 'its file system takes long to be written';
    default:
      return `its file system could not be synced (exit status ${exit})`;
  }
}

function run(folder: string, freeze: boolean): Promise<number | null> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', SYNC, 'sh', folder, freeze ? 'freeze' : 'sync'], {
      cwd: '/',
      env: ENVIRONMENT,
      detached: true,
      stdio: 'ignore',
    });
    const clock = setTimeout(() => {
      child.unref();
      resolve(null);
    }, PATIENCE_MS);
    const end = (exit: number | null): void => {
      clearTimeout(clock);
      resolve(exit);
    };
    child.on('error', () => {
      end(127);
    });
    child.on('close', (exit) => {
      end(exit ?? 128);
    });
  });
}

/** By statfs(2); by stat(1) on Node before 18.15, which has no such call. */
async function kindOf(folder: string): Promise<Kind> {
  if (typeof statfs === 'function') return KINDS.get((await statfs(folder)).type) ?? 'other';
  const { stdout } = await runCommand('stat', ['-f', '-c', '%t', '--', folder]);
  return KINDS.get(parseInt(stdout.trim(), 16)) ?? 'other';
}

function holdsAny(device: number, inUse: readonly string[]): boolean {
  const devices = [...inUse, ...swapFiles(), ...loopFiles()].map((path) => deviceOf(() => statSync(path).dev));
  // Where bellwether's own words go.
  return [...devices, ...[1, 2].map((output) => deviceOf(() => fstatSync(output).dev))].includes(device);
}

function deviceOf(ask: () => number): number | null {
  return unlessAbsent(ask, null);
}

function swapFiles(): readonly string[] {
  const text = unlessAbsent(() => readFileSync('/proc/swaps', 'utf8'), '');
  return text.split('\n').flatMap((line) => /^\/\S+/.exec(line)?.slice(0, 1) ?? []);
}

function loopFiles(): readonly string[] {
  const names = unlessAbsent(() => readdirSync('/sys/block'), []).filter((name) => name.startsWith('loop'));
  return names.flatMap((name) => {
    const file = unlessAbsent(() => readFileSync(join('/sys/block', name, 'loop/backing_file'), 'utf8').trim(), '');
    return file.startsWith('/') ? [file] : [];
  });
}

const ABSENT: ReadonlySet<string | null> = new Set(['ENOENT', 'ENOTDIR', 'ENXIO', 'EBADF']);

function unlessAbsent<T>(ask: () => T, otherwise: T): T {
  try {
    return ask();
  } catch (error) {
    if (ABSENT.has(errorCode(error))) return otherwise;
    throw error;
  }
}
