import { hasProgram, isDirectory, type HostTree } from '../tree.ts';
import type { GeneratorFacts } from '../types.ts';

const FOLDERS = ['/usr/lib/dracut', '/lib/dracut'];

/** dracut, its version and the names of the modules that it has. */
export function readDracut(tree: HostTree): Promise<GeneratorFacts | null> {
  const folder = FOLDERS.find((at) => isDirectory(tree, `${at}/modules.d`));
  if (folder === undefined || !hasProgram(tree, 'dracut')) return Promise.resolve(null);
  const version = versionIn(tree, [`${folder}/dracut-version.sh`, '/usr/bin/dracut', '/usr/sbin/dracut']);
  const modules = tree
    .list(`${folder}/modules.d`)
    .flatMap((name) => /^\d\d(.+)$/.exec(name)?.[1] ?? [])
    .sort();
  return Promise.resolve({ name: 'dracut', version, modules });
}

/** From 112 on the program itself says which it is. */
function versionIn(tree: HostTree, paths: readonly string[]): string | null {
  for (const path of paths) {
    const version = /^DRACUT_VERSION=["']?([^"'\s]+)/m.exec(tree.text(path) ?? '')?.[1];
    if (version !== undefined) return version;
  }
  return null;
}
