import { type Collection, installCollection } from './collection.ts';
import { type Flock, type Keeper, startFlock } from './flock.ts';
import { type PlayOptions, type Played, type Task, playTasks } from './play.ts';
import type { Python, Release } from './releases.ts';

/** A flock of throwaway hosts, and a release of Ansible with the collection installed to tend it. */
export interface Pasture extends Pick<Flock, 'hosts'> {
  readonly collection: Collection;
  /** Runs these tasks on all hosts, unless told otherwise. */
  readonly play: (tasks: readonly Task[], options?: Partial<PlayOptions>) => Promise<Played>;
  /** What a play of this pasture is run with. */
  readonly options: PlayOptions;
  /** Takes all of it down. */
  readonly close: () => Promise<void>;
}

/** Starts a host of each name, with the Python that Ansible is to use there; plain ones where no keeper is named. */
export async function openPasture(
  release: Release,
  pythons: Readonly<Record<string, Python>>,
  keeper?: Keeper,
): Promise<Pasture> {
  const collection = await installCollection(release);
  try {
    const { hosts, stop } = await startFlock(pythons, keeper);
    const options = { release, collections: collection.path, hosts: Object.values(hosts) };
    return {
      hosts,
      collection,
      options,
      play: (tasks, more = {}) => playTasks(tasks, { ...options, ...more }),
      close: async () => {
        await stop();
        await collection.remove();
      },
    };
  } catch (error) {
    await collection.remove();
    throw error;
  }
}

/** One host for each of these Pythons, `py3.6` for 3.6. */
export const hostEach = (pythons: readonly Python[]) =>
  Object.fromEntries(pythons.map((version) => [`py${version}`, version]));
