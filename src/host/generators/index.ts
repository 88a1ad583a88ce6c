import type { HostTree } from '../tree.ts';
import type { GeneratorFacts } from '../types.ts';
import { readDracut } from './dracut.ts';
import { readInitramfsTools } from './initramfs-tools.ts';

/** Every generator that is known, the first that is installed counts: Debian's dracut replaces the other's hooks. */
const GENERATORS: readonly ((tree: HostTree) => Promise<GeneratorFacts | null>)[] = [readDracut, readInitramfsTools];

/** What makes this host's images, by its files: none is run. */
export async function readGenerator(tree: HostTree): Promise<GeneratorFacts | null> {
  for (const read of GENERATORS) {
    const found = await read(tree);
    if (found !== null) return found;
  }
  return null;
}
