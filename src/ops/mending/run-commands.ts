import type { PackageManager, PlannedCommand } from '../../packages/types.ts';
import type { Step } from '../../protocol/messages.ts';
import type { Site } from './with-site.ts';

/** A command of a package manager, as a step of a plan. */
export function commandStep({ action, what, command }: PlannedCommand, because: string): Step {
  return { action, what, command: [...command], because };
}

/** Runs the commands of a plan, one after the other, none after the request's time is up. */
export async function runCommands(
  { tools }: Site,
  packages: PackageManager,
  commands: readonly PlannedCommand[],
): Promise<void> {
  for (const command of commands) {
    tools.signal.throwIfAborted();
    const what = `${DOING[command.action]} ${command.what}`;
    tools.progress({ what });
    await packages.execute(command, {
      signal: tools.signal,
      onLine: (line) => {
        tools.progress({ what, line });
      },
    });
  }
}

const DOING: Readonly<Record<PlannedCommand['action'], string>> = {
  clean_cache: 'clearing away',
  reinstall: 'reinstalling',
  install: 'installing',
  unlock: 'unlocking',
  lock: 'locking',
};
