import { chmod, writeFile } from 'node:fs/promises';
import { withElSheep, type ElSheep } from '../support/el-sheep.ts';
import { enliven, SHOWN_MOUNTS } from '../support/live-sheep.ts';

/** An EL-like sheep that is a live host to bellwether, for the tests of one group in the order that they stand. */
export interface KeptSheep {
  readonly sheep: ElSheep;
  /** The Node.js to configure: what it runs sees the sheep's own mounts. */
  readonly node: string;
  /** Takes it down. */
  leave(): Promise<void>;
}

/** Starts a sheep that stays until it is left. */
export async function keepLiveSheep(): Promise<KeptSheep> {
  let end: (() => void) | undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  let gone: Promise<void> | undefined;
  const sheep = await new Promise<ElSheep>((resolve, reject) => {
    gone = withElSheep(async (started) => {
      await enliven(started);
      resolve(started);
      return ended;
    });
    gone.catch(reject);
  });
  const node = '/usr/local/bin/node-of-the-sheep';
  const [shell, option, script] = SHOWN_MOUNTS;
  const quoted = `'${script.replaceAll("'", `'\\''`)}'`;
  await writeFile(sheep.path(node), `#!/bin/sh\nexec ${shell} ${option} ${quoted} sh '${process.execPath}' "$@"\n`);
  await chmod(sheep.path(node), 0o755);
  return {
    sheep,
    node,
    leave: async () => {
      end?.();
      await gone;
    },
  };
}
