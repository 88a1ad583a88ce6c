import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUNDLE } from '../setup/build.mjs';
import { type ElSheep, type ElSheepOptions, withElSheep } from '../support/el-sheep.ts';
import { SHOWN_MOUNTS, enliven } from '../support/live-sheep.ts';
import { type Pasture, openPasture } from './pasture.ts';
import { type PlayOptions, type Played, QUICK, type Result, type Task, playBook } from './play.ts';
import type { Python, Release } from './releases.ts';

/** A pasture of one EL-like sheep, called `ewe`: to bellwether it is a live host that boots. */
export interface ElPasture extends Pick<Pasture, 'close'> {
  readonly sheep: ElSheep;
  /** Runs one task of a module of this collection on it, as often as `times` says: once; the answer is what each returned. */
  readonly task: (module: string, args: object, options?: Partial<PlayOptions>, times?: number) => Promise<Result[]>;
  /** Runs a playbook on it. */
  readonly book: (playbook: string, options?: Partial<PlayOptions>) => Promise<Played>;
}

export const EWE = 'ewe';
/** To see what would be done, and do nothing. */
export const CHECKED = { args: ['--check', '--diff'] } as const;

export async function openElPasture(release: Release, python: Python, wanted: ElSheepOptions = {}): Promise<ElPasture> {
  const held: ElSheep[] = [];
  const pasture = await openPasture(release, { [EWE]: python }, (test) =>
    withElSheep(async (sheep) => {
      await enliven(sheep);
      held.push(sheep);
      return test(sheep);
    }, wanted),
  );
  const [sheep] = held;
  const ewe = pasture.hosts[EWE];
  if (sheep === undefined || ewe === undefined) throw new Error('the pasture opened without its sheep');
  // Sent in the place of the bundle: what shows it the sheep's mounts, and then runs it.
  const bundle = join(pasture.collection.path, 'bellwether');
  const [, ...shown] = [...SHOWN_MOUNTS, process.execPath, BUNDLE].map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
  await writeFile(bundle, `#!/bin/sh\nexec /bin/sh ${shown.join(' ')} "$@"\n`);
  const hosts = [{ ...ewe, vars: { ...ewe.vars, bellwether_bundle: bundle } }];
  return {
    sheep,
    close: pasture.close,
    task: async (module, args, options = {}, times = 1) => {
      const names = Array.from({ length: times }, (_, time) => `${module} ${String(time)}`);
      const tasks = names.map((name): Task => ({ name, [`bellwether.boot.${module}`]: args }));
      const played = await pasture.play(tasks, { env: QUICK, hosts, ...options });
      return names.map((name) => played.result(EWE, name));
    },
    book: (playbook, options = {}) => playBook(playbook, { ...pasture.options, env: QUICK, hosts, ...options }),
  };
}
