import { normalizeModuleName } from './module-name.ts';
import type { DracutFacts, ImageTree } from './types.ts';

/** Written by newer and by older versions, in that order. */
const HOST_MODULES = ['hostonly-kernel-modules.txt', 'loaded-kernel-modules.txt'] as const;

/** What dracut left of its build below `usr/lib/dracut`, or null where the image is none of its. */
export function readDracut(tree: ImageTree): DracutFacts | null {
  const directory = ['usr/lib/dracut', 'lib/dracut'].find((path) => tree.entries.get(path)?.type === 'directory');
  if (directory === undefined) return null;
  const text = (name: string): string | null => tree.text(`${directory}/${name}`);
  const hostModulesPath =
    HOST_MODULES.map((name) => `${directory}/${name}`).find((path) => tree.entries.has(path)) ?? null;
  const hostModules = hostModulesPath === null ? null : tree.text(hostModulesPath);
  return {
    version: versionOf(tree, directory),
    modules: words(text('modules.txt') ?? ''),
    buildParameters: text('build-parameter.txt'),
    hostModules: hostModules === null ? null : words(hostModules).map(normalizeModuleName),
    hostModulesPath,
    needInitqueue: tree.entries.has(`${directory}/need-initqueue`),
  };
}

/** The name of an empty file tells: `dracut-059-4`. */
function versionOf(tree: ImageTree, directory: string): string | null {
  const prefix = `${directory}/dracut-`;
  for (const path of tree.entries.keys())
    if (path.startsWith(prefix) && /^\d[^/]*$/.test(path.slice(prefix.length))) return path.slice(prefix.length);
  return null;
}

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');
