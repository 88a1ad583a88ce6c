/** The heavy part of a kernel's facts: every module file on disk, and kmod's index of them. */
import { INDEX_FILES, readModuleIndex } from '../image/module-index.ts';
import type { ModuleIndex } from '../image/types.ts';
import type { HostTree } from './tree.ts';
import type { KernelFacts } from './types.ts';

const MODULE = /\.ko(?:\.(?:gz|xz|zst))?$/;
const MAX_DEPTH = 32;
const INDEX_LIMIT = 64 * 1024 * 1024;

/** Module files below a kernel's folder, sorted by path. `build` and `source` are links and not followed. */
export function listModules(tree: HostTree, modulesDir: string): KernelFacts['modules'] {
  const found: { path: string; size: number; mtime: number }[] = [];
  const walk = (relative: string, depth: number): void => {
    for (const { name, stat } of tree.entries(relative === '' ? modulesDir : `${modulesDir}/${relative}`)) {
      const path = relative === '' ? name : `${relative}/${name}`;
      if (stat.type === 'directory') {
        if (depth < MAX_DEPTH) walk(path, depth + 1);
      } else if (MODULE.test(name)) {
        // weak-updates hold links to another kernel's modules: what counts is where they lead.
        const file = stat.type === 'symlink' ? tree.stat(`${modulesDir}/${path}`) : stat;
        if (file?.type === 'file') found.push({ path, size: file.size, mtime: file.mtime });
      }
    }
  };
  walk('', 0);
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** kmod's index of the kernel as it lies on the host. */
export function readHostIndex(tree: HostTree, kernel: string, modulesDir: string): ModuleIndex {
  const files = new Map(INDEX_FILES.map((name) => [name, tree.bytes(`${modulesDir}/${name}`, INDEX_LIMIT)]));
  return readModuleIndex(kernel, (name) => files.get(name) ?? null, modulesDir);
}
