import { BellwetherError } from '../protocol/errors.ts';
import type { CommandResult } from '../system/run-command.ts';
import type { RunOptions } from '../system/runner.ts';
import { isOnAny, patternMatches } from './name-pattern.ts';
import type { Lock, Package, PackageManager, PlannedCommand } from './types.ts';
import { parseLocks, planListLock, planListUnlock, type LockList } from './versionlock-list.ts';

/** What the tool that reads a lock file brings. */
export interface LockTool {
  readonly name: 'dnf' | 'yum';
  /** @throws BellwetherError where locks would be lines without effect */
  readonly read: () => Promise<LockList>;
  /** The tool's own command that adds these locks: their lines behind `--`. */
  readonly addition: (locks: readonly Lock[]) => PlannedCommand;
  readonly run: (command: readonly string[], options: RunOptions) => Promise<CommandResult>;
}

/** The locks that are kept in a list: those of dnf 4 and yum 3. */
export function openListLocks(tool: LockTool) {
  let list: LockList | undefined;
  const read = async (): Promise<LockList> => (list = await tool.read());
  const known = (): LockList => {
    if (list === undefined) throw new Error('locks are planned on what locks() read');
    return list;
  };

  /** The tools' `add` ends with 0 whether or not it added what it was asked for: what it left is read back. */
  const execute = async ({ action, command, input }: PlannedCommand, options: RunOptions): Promise<void> => {
    const { text: before, path } = known();
    if (input !== undefined && (await read()).text !== before) {
      throw new BellwetherError('busy', `${path} was changed by another program meanwhile`, { hint: 'run it again' });
    }
    await tool.run(command, { ...options, ...(input === undefined ? {} : { input }) });
    const after = await read();
    const there = new Set(parseLocks(after).map(({ line }) => line));
    const undone =
      input === undefined
        ? command.slice(command.indexOf('--') + 1).filter((spec) => !there.has(spec))
        : after.text === input
          ? []
          : [path];
    if (undone.length === 0) return;
    const message = `${tool.name} ended well, but ${undone.join(', ')} is not as it was to ${action}`;
    throw new BellwetherError('not_effective', message, {
      hint: `${tool.name} versionlock list`,
      at: { command: [...command], path },
    });
  };

  const planned: Pick<PackageManager, 'locks' | 'planLock' | 'planUnlock'> = {
    locks: async (asked) => {
      const [standing, names] = await Promise.all([read(), asked]);
      return parseLocks(standing).filter((lock) => isOnAny(names, lock));
    },
    planLock: (standing, wanted, exclusive) => planListLock(known(), standing, wanted, exclusive, tool.addition),
    planUnlock: (locks) => planListUnlock(known(), locks),
  };
  return {
    ...planned,
    execute,
    /**
     * Options for the one command that installs what the standing locks may forbid: the plugin is away for it, and what
     * else is locked still does not move.
     */
    setAside: (packages: readonly Package[]): readonly string[] => {
      const locks = list === undefined ? [] : parseLocks(list).filter(({ excludes }) => !excludes);
      const others = locks.filter((lock) => !packages.some(({ name }) => patternMatches(lock.name, name)));
      return ['--disableplugin=versionlock', ...new Set(others.map(({ name }) => `--exclude=${name}`))];
    },
  };
}
