/** The heavy part of a kernel's facts: every module file on disk, and kmod's index of them. */
import { setImmediate } from 'node:timers/promises';
import { INDEX_FILES, readModuleIndex } from '../image/module-index.ts';
import type { ModuleIndex } from '../image/types.ts';
import type { HostTree } from './tree.ts';
import type { KernelFacts } from './types.ts';

const MODULE = /\.ko(?:\.(?:gz|xz|zst))?$/;
const MAX_DEPTH = 32;
const INDEX_LIMIT = 64 * 1024 * 1024;

/** Reading thousands of file names holds up whatever else this process does: it lets go this often (milliseconds). */
const SLICE = 8;

/** Module files below a kernel's folder, sorted by path. `build` and `source` are links and not followed. */
export async function listModules(tree: HostTree, modulesDir: string): Promise<KernelFacts['modules']> {
  const found: { path: string; size: number; mtime: number }[] = [];
  const folders = [{ relative: '', depth: 0 }];
  let since = Date.now();
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const { relative, depth } = folder;
    for (const { name, stat } of tree.entries(`${modulesDir}/${relative}`)) {
      const path = relative === '' ? name : `${relative}/${name}`;
      if (stat.type === 'directory') {
        if (depth < MAX_DEPTH) folders.push({ relative: path, depth: depth + 1 });
      } else if (MODULE.test(name)) {
        // weak-updates hold links to another kernel's modules: what counts is where they lead.
        const file = stat.type === 'symlink' ? tree.stat(`${modulesDir}/${path}`) : stat;
        if (file?.type === 'file') found.push({ path, size: file.size, mtime: file.mtime });
      }
    }
    if (Date.now() - since < SLICE) continue;
    await setImmediate();
    since = Date.now();
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** kmod's index of the kernel as it lies on the host. */
export function readHostIndex(tree: HostTree, kernel: string, modulesDir: string): ModuleIndex {
  const files = new Map(INDEX_FILES.map((name) => [name, tree.bytes(`${modulesDir}/${name}`, INDEX_LIMIT)]));
  return readModuleIndex(kernel, (name) => files.get(name) ?? null, modulesDir);
}
