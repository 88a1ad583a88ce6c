/** The heavy part of a kernel's facts: every module file on disk, and kmod's index of them. */
import { setImmediate } from 'node:timers/promises';
import { INDEX_FILES, readModuleIndex } from '../image/module-index.ts';
import type { ModuleIndex } from '../image/types.ts';
import type { FileStat, HostTree } from './tree.ts';
import type { KernelFacts } from './types.ts';

const MODULE = /\.ko(?:\.(?:gz|xz|zst))?$/;
const MAX_DEPTH = 32;
const INDEX_LIMIT = 64 * 1024 * 1024;

/** Reading thousands of file names holds up whatever else this process does: it lets go this often (milliseconds). */
const SLICE = 8;

/** Thousands are listed, and few are asked for their size and time: only then is one looked at. */
class ModuleFile {
  readonly path: string;
  readonly #look: () => FileStat | null;

  constructor(path: string, look: () => FileStat | null) {
    this.path = path;
    this.#look = look;
  }

  get size(): number {
    return this.#look()?.size ?? 0;
  }

  get mtime(): number {
    return this.#look()?.mtime ?? 0;
  }
}

/** Module files below a kernel's folder, sorted by path. `build` and `source` are links and not followed. */
export async function listModules(tree: HostTree, modulesDir: string): Promise<KernelFacts['modules']> {
  const found: ModuleFile[] = [];
  const folders = [{ relative: '', depth: 0 }];
  let since = Date.now();
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const { relative, depth } = folder;
    for (const { name, type, look } of tree.entries(`${modulesDir}/${relative}`)) {
      const path = relative === '' ? name : `${relative}/${name}`;
      if (type === 'directory') {
        if (depth < MAX_DEPTH) folders.push({ relative: path, depth: depth + 1 });
      } else if (MODULE.test(name)) {
        // weak-updates hold links to another kernel's modules: what counts is where they lead.
        const follow = (): FileStat | null => tree.stat(`${modulesDir}/${path}`);
        if (type === 'file') found.push(new ModuleFile(path, look));
        else if (type === 'symlink' && follow()?.type === 'file') found.push(new ModuleFile(path, follow));
      }
    }
    if (Date.now() - since < SLICE) continue;
    await setImmediate();
    since = Date.now();
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * kmod's index of the kernel as it lies on the host. Every check asks for two of its parts: they are read here, while images
 * are being unpacked on other threads.
 */
export async function readHostIndex(tree: HostTree, kernel: string, modulesDir: string): Promise<ModuleIndex> {
  const files = new Map(INDEX_FILES.map((name) => [name, tree.bytes(`${modulesDir}/${name}`, INDEX_LIMIT)]));
  const index = readModuleIndex(kernel, (name) => files.get(name) ?? null, modulesDir);
  for (const read of [() => index.dep, () => index.alias]) {
    await setImmediate();
    read();
  }
  return index;
}
