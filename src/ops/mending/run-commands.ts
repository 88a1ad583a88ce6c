import { isTransaction } from '../../packages/transactions.ts';
import type { PackageManager, PlannedCommand } from '../../packages/types.ts';
import { BellwetherError } from '../../protocol/errors.ts';
import type { Step } from '../../protocol/messages.ts';
import { noteReleased, strikeReleased } from '../keeping/released-locks.ts';
import type { Site } from './with-site.ts';

/** Of a site, what running commands takes. */
type Worksite = Pick<Site, 'root' | 'tools'>;

/** A command of a package manager, as a step of a plan. */
export function commandStep({ action, what, command }: PlannedCommand, because: string): Step {
  return { action, what, command: [...command], because };
}

/**
 * Runs the commands of a plan, one after the other, none after the request's time is up or another has failed; but what puts
 * back what was taken away is run all the same, and a transaction is waited for. Should bellwether be killed before that, what
 * is to be put back stands on record for the next run.
 * @throws BellwetherError what the package manager throws; `not_permitted` where the record cannot be written
 */
export async function runCommands(
  site: Worksite,
  packages: PackageManager,
  commands: readonly PlannedCommand[],
): Promise<void> {
  const { signal } = site.tools;
  await noteReleased(
    site.root,
    commands.flatMap(({ restores = [] }) => restores),
  );
  for (const [at, command] of commands.entries()) {
    try {
      signal.throwIfAborted();
      await runOne(site, packages, command);
    } catch (error) {
      throw withLosses(error, await putBack(site, packages, commands.slice(at)));
    }
  }
}

/** Puts back what earlier commands took away. @returns what could not be, in words */
async function putBack(
  site: Worksite,
  packages: PackageManager,
  left: readonly PlannedCommand[],
): Promise<readonly string[]> {
  const lost: string[] = [];
  for (const command of left.filter(({ restores }) => restores !== undefined)) {
    try {
      await runOne(site, packages, command);
    } catch (error) {
      if (!(error instanceof BellwetherError)) throw error;
      lost.push(`not put back, for the next run to do: ${command.command.join(' ')} (${error.message})`);
    }
  }
  return lost;
}

function withLosses(error: unknown, lost: readonly string[]): unknown {
  if (lost.length === 0 || !(error instanceof BellwetherError)) return error;
  return error.saying({ words: lost, at: { lost: [...lost] } });
}

async function runOne(
  { root, tools: { signal, progress } }: Worksite,
  packages: PackageManager,
  command: PlannedCommand,
): Promise<void> {
  const what = `${DOING[command.action]} ${command.what}`;
  const waiting = `${what}: no longer wanted, but not to be ended halfway`;
  const told = (): string => (signal.aborted && isTransaction(command) ? waiting : what);
  progress({ what: told() });
  const wait = (): void => {
    progress({ what: told() });
  };
  signal.addEventListener('abort', wait);
  try {
    await packages.execute(command, {
      onLine: (line) => {
        progress({ what: told(), line });
      },
    });
  } finally {
    signal.removeEventListener('abort', wait);
  }
  if (command.restores !== undefined) await strikeReleased(root, command.restores);
}

const DOING: Readonly<Record<PlannedCommand['action'], string>> = {
  clean_cache: 'clearing away',
  download: 'downloading',
  configure: 'configuring',
  reinstall: 'reinstalling',
  install: 'installing',
  unlock: 'unlocking',
  lock: 'locking',
};
