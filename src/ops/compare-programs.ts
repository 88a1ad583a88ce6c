import { requirementsOf } from '../boot/requirements.ts';
import type { BootFacts, CopyState } from '../boot/types.ts';
import { neededObjects } from '../boot/userspace/needed-objects.ts';
import { boolean, nullable } from '../host/derived-shape.ts';
import { readProgramBuild } from '../host/program-build.ts';
import { openTree, type HostTree } from '../host/tree.ts';
import type { ElfBuild } from '../image/types.ts';
import { isAsPackaged } from './read-packages.ts';

/**
 * Whether the programs and libraries that a boot needs are what the host has by the same name, by their paths in the image.
 * Asked of those alone that no checksum covers in the image, where both are of the same build.
 * @param tree the host's
 */
export async function comparePrograms(
  facts: BootFacts,
  signal?: AbortSignal,
  tree = openTree(facts.host.root, []),
): Promise<ReadonlyMap<string, CopyState>> {
  const states = new Map<string, CopyState>();
  for (const [path, build] of unsealedPrograms(facts)) {
    const own = await readProgramBuild(tree, `/${path}`);
    if (own?.id !== build.id) continue;
    if (own.content === build.content) states.set(path, 'same');
    else states.set(path, (await isWhole(tree, facts, `/${path}`, signal)) === true ? 'damaged' : 'differs');
  }
  return states;
}

/** What is there to be compared, by its path in the image. */
function unsealedPrograms(facts: BootFacts): ReadonlyMap<string, ElfBuild> {
  const found = new Map<string, ElfBuild>();
  const entries = facts.image?.tree.entries.values() ?? [];
  if (![...entries].some(({ elf }) => elf?.build !== undefined)) return found; // as in most images
  for (const { object } of neededObjects(facts, requirementsOf(facts)))
    if (object.elf?.build !== undefined) found.set(object.path, object.elf.build);
  return found;
}

/** Null where nothing tells. */
function isWhole(tree: HostTree, { host }: BootFacts, path: string, signal?: AbortSignal): Promise<boolean | null> {
  return tree.derive(`as packaged:${path}`, nullable(boolean), (plain) => isAsPackaged(plain, host, path, signal));
}
