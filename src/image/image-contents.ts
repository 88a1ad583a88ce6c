import { readDracut } from './dracut-facts.ts';
import { detectGenerator } from './generator.ts';
import { createImageTree, listInodes } from './image-tree.ts';
import { readModuleIndex } from './module-index.ts';
import { parseModuleFileName } from './module-name.ts';
import { damagedModule } from './modinfo.ts';
import type { Inode } from './rootfs.ts';
import type { ImageFacts, ImageTree, ModuleFacts, ModuleIndex } from './types.ts';

type Contents = Pick<ImageFacts, 'tree' | 'modules' | 'indexes' | 'dracut' | 'generator' | 'unread'>;

const BELOW_MODULES = /^(?:usr\/)?lib\/modules\/(?<kernel>[^/]+)\/.+/;
const MODULES_DIRECTORY = /^(?:usr\/)?lib\/modules\/(?<kernel>[^/]+)$/;

/** What the unpacked root file system holds. */
export function readImageContents(root: Inode): Contents {
  const inodes = listInodes(root);
  const byPath = new Map(inodes);
  const tree = createImageTree(inodes);
  return {
    tree,
    modules: inodes.flatMap(([path, inode]) => moduleAt(path, inode) ?? []),
    indexes: readIndexes(inodes, byPath, tree),
    dracut: readDracut(tree),
    generator: detectGenerator(tree),
    unread: inodes.flatMap(([path, { facts }]) => (facts.nested === undefined ? [] : [{ path, format: facts.nested }])),
  };
}

function moduleAt(path: string, inode: Inode): ModuleFacts | null {
  const kernel = BELOW_MODULES.exec(path)?.groups?.kernel;
  const file = parseModuleFileName(path);
  if (kernel === undefined || file === null || inode.type !== 'file') return null;
  const content = inode.facts.module ?? damagedModule(file.compression, 'its content is cut off');
  return { path, kernel, name: file.name, size: inode.size, ...content };
}

function readIndexes(
  inodes: readonly (readonly [path: string, inode: Inode])[],
  byPath: ReadonlyMap<string, Inode>,
  tree: ImageTree,
): ReadonlyMap<string, ModuleIndex> {
  const indexes = new Map<string, ModuleIndex>();
  for (const [path, inode] of inodes) {
    const kernel = MODULES_DIRECTORY.exec(path)?.groups?.kernel;
    if (kernel === undefined || inode.type !== 'directory' || indexes.has(kernel)) continue;
    const readFile = (name: string): Uint8Array | null => {
      const found = tree.resolve(`${path}/${name}`);
      return found.found ? (byPath.get(found.entry.path)?.facts.bytes ?? null) : null;
    };
    indexes.set(kernel, readModuleIndex(kernel, readFile, path));
  }
  return indexes;
}
