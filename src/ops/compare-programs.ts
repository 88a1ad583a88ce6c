import { requirementsOf } from '../boot/requirements.ts';
import type { BootFacts, CopyState } from '../boot/types.ts';
import { neededObjects } from '../boot/userspace/needed-objects.ts';
import { readProgramBuild } from '../host/program-build.ts';
import { openTree } from '../host/tree.ts';
import type { ElfBuild } from '../image/types.ts';

/**
 * Whether the programs and libraries that a boot needs are what the host has by the same name, by their paths in the image.
 * Asked of those alone that no checksum covers in the image, where both are of the same build.
 */
export async function comparePrograms(facts: BootFacts): Promise<ReadonlyMap<string, CopyState>> {
  const tree = openTree(facts.host.root, []);
  const states = new Map<string, CopyState>();
  for (const [path, build] of unsealedPrograms(facts)) {
    const own = await readProgramBuild(tree, `/${path}`);
    if (own?.id === build.id) states.set(path, own.content === build.content ? 'same' : 'differs');
  }
  return states;
}

/** What is there to be compared, by its path in the image. */
export function unsealedPrograms(facts: BootFacts): ReadonlyMap<string, ElfBuild> {
  const found = new Map<string, ElfBuild>();
  const entries = facts.image?.tree.entries.values() ?? [];
  if (![...entries].some(({ elf }) => elf?.build !== undefined)) return found; // as in most images
  for (const { object } of neededObjects(facts, requirementsOf(facts)))
    if (object.elf?.build !== undefined) found.set(object.path, object.elf.build);
  return found;
}
