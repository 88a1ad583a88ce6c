/**
 * The packages whose locks are taken off for a transaction, on record before they are: who follows a run that was killed puts
 * them back.
 */
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openTree } from '../../host/tree.ts';
import { notWritable, writeWhole } from '../../system/atomic-write.ts';
import { sync } from '../../system/images/sync.ts';
import { removeIfEmpty } from '../../system/remove-if-empty.ts';
import { stateFolder } from '../mending/state-folder.ts';

/** On the host: one name a line. */
export const RELEASED_LOCKS = '/var/lib/bellwether/released-locks';

/** Names become words of commands. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9.+_:-]*$/;

/** The names on record, sorted; none where there is no record. */
export function readReleased(root: string): readonly string[] {
  const lines = (openTree(root, []).text(RELEASED_LOCKS) ?? '').split('\n');
  return [...new Set(lines.filter((line) => NAME.test(line)))].sort();
}

/**
 * Adds names to the record; it is on the disk when this resolves.
 * @throws BellwetherError `not_permitted` where it cannot be written; `not_supported` where there is no `/var/lib`
 */
export async function noteReleased(root: string, names: readonly string[]): Promise<void> {
  if (names.length > 0) await write(root, [...new Set([...readReleased(root), ...names])]);
}

/** Takes names off the record; an empty one goes. */
export async function strikeReleased(root: string, names: readonly string[]): Promise<void> {
  await write(
    root,
    readReleased(root).filter((name) => !names.includes(name)),
  );
}

async function write(root: string, names: readonly string[]): Promise<void> {
  const state = stateFolder(root);
  const file = join(state, 'bellwether/released-locks');
  try {
    if (names.length === 0) {
      await rm(file, { force: true });
      await removeIfEmpty(dirname(file));
    } else {
      await mkdir(dirname(file), { recursive: true, mode: 0o755 });
      await sync(state);
      await writeWhole(file, `${[...names].sort().join('\n')}\n`);
    }
  } catch (error) {
    throw notWritable(RELEASED_LOCKS, error);
  }
}
