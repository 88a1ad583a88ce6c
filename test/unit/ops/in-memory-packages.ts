import type {
  Lock,
  Package,
  PackageManager,
  PlannedCommand,
  Verified,
  KernelPackage,
} from '../../../src/packages/types.ts';

/** A host's packages as plain lists. */
export interface Store {
  kernels: KernelPackage[];
  offered: Package[];
  verified: Verified[];
  locks: Lock[];
  /** Names of packages that the resolver would move, and to which version. */
  moves: Map<string, string>;
  /** Commands that were run, as a line each. */
  readonly ran: string[];
  /** What running a command does beside what it should; throws to make it fail. */
  onExecute: (command: PlannedCommand) => void;
}

export function newStore(more: Partial<Store> = {}): Store {
  return {
    kernels: [],
    offered: [],
    verified: [],
    locks: [],
    moves: new Map(),
    ran: [],
    onExecute: () => undefined,
    ...more,
  };
}

const SOURCE = '/etc/locks';

export function lockOn({ name, version }: Package): Lock {
  return { name, version, line: `${name}=${version}`, source: SOURCE, excludes: false };
}

/** A package manager that keeps all in memory, and does what it is told at once. */
export function inMemory(store: Store): PackageManager {
  const is = (one: Package, other: Package): boolean => one.name === other.name && one.version === other.version;
  const plans = new Map<PlannedCommand, () => void>();
  const planned = (command: PlannedCommand, work: () => void): PlannedCommand => {
    plans.set(command, work);
    return command;
  };
  return {
    name: 'dnf',
    installed: (names) => Promise.resolve(store.kernels.filter(({ name }) => names.includes(name))),
    kernelPackages: () => Promise.resolve(store.kernels),
    verify: (names) => Promise.resolve(store.verified.filter(({ name }) => names.includes(name))),
    available: (wanted) => Promise.resolve(store.offered.filter(({ name }) => name === wanted)),
    planReinstall: (packages, cleanCache) => [
      ...(cleanCache
        ? [planned({ action: 'clean_cache', what: 'all', command: ['pm', 'clean'] }, () => undefined)]
        : []),
      planned(
        { action: 'reinstall', what: packages.map(({ name }) => name).join(' '), command: ['pm', 'reinstall'] },
        () => {
          store.verified = store.verified.map((each) =>
            packages.some((other) => is(each, other)) ? { ...each, files: [], damaged: false } : each,
          );
        },
      ),
    ],
    planInstall: (packages) => [
      planned(
        { action: 'install', what: packages.map(({ name }) => name).join(' '), command: ['pm', 'install'] },
        () => {
          store.kernels = [
            ...packages.map((each) => ({ ...each, kernel: `${each.version}.${each.arch}`, boots: true })),
            ...store.kernels,
          ];
        },
      ),
    ],
    locks: async (asked) => {
      const names = await asked;
      return store.locks.filter(({ name }) => names?.includes(name) ?? true);
    },
    planLock: (standing, wanted, exclusive) => {
      const locks = wanted.map(lockOn);
      const add = locks.filter((lock) => !standing.some((each) => each.line === lock.line));
      const remove = exclusive ? standing.filter((each) => !locks.some(({ line }) => line === each.line)) : [];
      if (add.length + remove.length === 0) return { add, remove, commands: [] };
      const work = (): void => {
        store.locks = [...store.locks.filter((lock) => !remove.includes(lock)), ...add];
      };
      return { add, remove, commands: [planned({ action: 'lock', what: 'these', command: ['pm', 'lock'] }, work)] };
    },
    planUnlock: (remove) => {
      if (remove.length === 0) return { add: [], remove, commands: [] };
      const work = (): void => {
        store.locks = store.locks.filter((lock) => !remove.includes(lock));
      };
      return {
        add: [],
        remove,
        commands: [planned({ action: 'unlock', what: 'these', command: ['pm', 'unlock'] }, work)],
      };
    },
    execute: (command) => {
      store.ran.push(command.command.join(' '));
      try {
        store.onExecute(command);
      } catch (error) {
        return Promise.reject(error instanceof Error ? error : new Error(String(error)));
      }
      plans.get(command)?.();
      return Promise.resolve();
    },
    wouldMove: ({ name }) => Promise.resolve(store.moves.get(name) ?? null),
  };
}
