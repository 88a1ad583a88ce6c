import type { Entry, ImageTree } from '../../image/types.ts';
import { expandOrigin, librarySearch, type LibrarySearch } from './library-search.ts';

/** A library that a program of the image needs and the image lacks. */
export interface MissingLibrary {
  /** The name in DT_NEEDED. */
  readonly library: string;
  readonly program: Entry;
  /** The object that names it: the program, or a library that it needs. */
  readonly neededBy: Entry;
}

/** Walks the DT_NEEDED closure of every program of the image, its program interpreter included. */
export function missingLibraries(tree: ImageTree): readonly MissingLibrary[] {
  const search = librarySearch(tree);
  return [...tree.entries.values()].filter(isProgram).flatMap((program) => missingOf(program, search, tree));
}

/** Everything that is loaded when a program starts: itself, its libraries and ld.so, as far as they are there. */
export function loadedObjects(tree: ImageTree, program: Entry): readonly Entry[] {
  const loaded = walk(program, librarySearch(tree), () => undefined);
  const loader = tree.resolve(program.elf?.interpreter ?? '');
  return [...new Set(loader.found && loader.entry.type === 'file' ? [...loaded, loader.entry] : loaded)];
}

/** Libraries that one needs, itself or through others, and the image lacks: where it is opened, it does not load. */
export function missingBelow(tree: ImageTree, library: Entry): readonly string[] {
  const missing: string[] = [];
  walk(library, librarySearch(tree), (name) => missing.push(name));
  return missing;
}

/** What execve can start: it has an interpreter, or is linked statically. Libraries and modules are not. */
function isProgram({ type, elf }: Entry): boolean {
  if (type !== 'file' || elf === undefined) return false;
  return elf.type === 'executable' || (elf.type === 'shared' && elf.interpreter !== undefined);
}

function missingOf(program: Entry, search: LibrarySearch, tree: ImageTree): readonly MissingLibrary[] {
  const missing: MissingLibrary[] = [];
  const { interpreter } = program.elf ?? {};
  if (interpreter !== undefined && !tree.resolve(interpreter).found)
    missing.push({ library: interpreter, program, neededBy: program });
  walk(program, search, (library, neededBy) => missing.push({ library, program, neededBy }));
  return missing;
}

function walk(
  program: Entry,
  search: LibrarySearch,
  onMissing: (library: string, neededBy: Entry) => unknown,
): ReadonlySet<Entry> {
  const loaded = new Set<Entry>([program]);
  const inherited = expandOrigin(program.elf?.runpath ?? [], program);
  // The dynamic loader itself is there already when libraries name it.
  const names = new Set<string>([program.elf?.interpreter?.split('/').pop() ?? '']);
  for (const object of loaded) {
    for (const name of object.elf?.needed ?? []) {
      if (names.has(name)) continue;
      names.add(name);
      const found = search.find(name, object, object === program ? [] : inherited);
      if (found === null) onMissing(name, object);
      else loaded.add(found);
    }
  }
  return loaded;
}
