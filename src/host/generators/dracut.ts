import { hasProgram, isDirectory, type HostTree } from '../tree.ts';
import type { GeneratorFacts } from '../types.ts';

const FOLDERS = ['/usr/lib/dracut', '/lib/dracut'];

/** dracut, its version and the names of the modules that it has. */
export function readDracut(tree: HostTree): Promise<GeneratorFacts | null> {
  const folder = FOLDERS.find((at) => isDirectory(tree, `${at}/modules.d`));
  if (folder === undefined || !hasProgram(tree, 'dracut')) return Promise.resolve(null);
  const version = /^DRACUT_VERSION=["']?([^"'\s]+)/m.exec(tree.text(`${folder}/dracut-version.sh`) ?? '')?.[1];
  const modules = tree
    .list(`${folder}/modules.d`)
    .flatMap((name) => /^\d\d(.+)$/.exec(name)?.[1] ?? [])
    .sort();
  return Promise.resolve({ name: 'dracut', version: version ?? null, modules });
}
