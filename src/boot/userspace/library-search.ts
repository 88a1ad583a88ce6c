import type { ElfFacts, Entry, ImageTree } from '../../image/types.ts';
import { onceFor } from '../once-for.ts';

/** glibc's own folders, as all distributions build it, and musl's. */
const DEFAULT_FOLDERS = ['/lib64', '/usr/lib64', '/lib', '/usr/lib', '/usr/local/lib'] as const;

/** Debian's ld.so looks in the folder of its architecture first. Keyed by ELF e_machine. */
const MULTIARCH: ReadonlyMap<number, string> = new Map([
  [3, 'i386-linux-gnu'],
  [21, 'powerpc64le-linux-gnu'],
  [22, 's390x-linux-gnu'],
  [40, 'arm-linux-gnueabihf'],
  [62, 'x86_64-linux-gnu'],
  [183, 'aarch64-linux-gnu'],
  [243, 'riscv64-linux-gnu'],
  [258, 'loongarch64-linux-gnu'],
]);

/** Subfolders for what a processor can do: `glibc-hwcaps/x86-64-v3`, and the older `tls`, `haswell`, `i686`… */
const CAPABILITY_FOLDER = /\/(?:glibc-hwcaps\/[^/]+|tls|haswell|xeon_phi|i586|i686|sse2|x86_64|power\d+)$/;

/** Finds libraries in an image as its dynamic loader would. */
export interface LibrarySearch {
  /**
   * The file that DT_NEEDED `name` of `object` leads to; null where none is found.
   * @param inherited run paths of what loaded the object, which count for DT_RPATH
   */
  find(name: string, object: Entry, inherited: readonly string[]): Entry | null;
}

/** One search for each tree, so that what one rule has looked up the next need not. */
export const librarySearch = onceFor(prepareSearch);

function prepareSearch(tree: ImageTree): LibrarySearch {
  const common = [...configuredFolders(tree), ...DEFAULT_FOLDERS];
  const capability = [...tree.entries.values()]
    .filter(({ type, path }) => type === 'directory' && CAPABILITY_FOLDER.test(path))
    .map(({ path }) => `/${path}`);
  const lookUp = (path: string, elf: ElfFacts | undefined): Entry | null => {
    const at = tree.resolve(path);
    if (!at.found || at.entry.type !== 'file') return null;
    const found = at.entry.elf;
    // ld.so passes over a library of another class or machine and looks on.
    if (found !== undefined && elf !== undefined && (found.class !== elf.class || found.machine !== elf.machine))
      return null;
    return at.entry;
  };

  const inFolders = (folders: readonly string[], name: string, elf: ElfFacts | undefined): Entry | null => {
    for (const folder of folders) {
      const found = lookUp(`${folder}/${name}`, elf);
      if (found !== null) return found;
    }
    return null;
  };

  /** Where every object of a class and machine looks, by the library's name. */
  const shared = new Map<string, Map<string, Entry | null>>();
  const inCommon = (name: string, elf: ElfFacts | undefined): Entry | null => {
    const kind = `${elf?.class ?? ''} ${elf?.machine ?? ''}`;
    let known = shared.get(kind);
    if (known === undefined) shared.set(kind, (known = new Map<string, Entry | null>()));
    let found = known.get(name);
    if (found === undefined) {
      const multiarch = MULTIARCH.get(elf?.machine ?? 0);
      const arch = multiarch === undefined ? [] : [`/lib/${multiarch}`, `/usr/lib/${multiarch}`];
      found = inFolders([...arch, ...common, ...capability], name, elf);
      known.set(name, found);
    }
    return found;
  };

  return {
    find(name, object, inherited) {
      const { elf } = object;
      if (name.includes('/')) return lookUp(name, elf);
      const own = [...(elf?.runpath ?? []), ...inherited];
      return (own.length > 0 ? inFolders(expandOrigin(own, object), name, elf) : null) ?? inCommon(name, elf);
    },
  };
}

/** `$ORIGIN` is the folder that holds the object; `$LIB` is lib or lib64. */
export function expandOrigin(runpath: readonly string[], object: Entry): readonly string[] {
  const origin = `/${object.path.split('/').slice(0, -1).join('/')}`;
  return runpath
    .filter((folder) => folder !== '')
    .flatMap((folder) => {
      const at = folder.replace(/\$\{?ORIGIN\}?/g, origin);
      return /\$\{?LIB\}?/.test(at) ? ['lib64', 'lib'].map((lib) => at.replace(/\$\{?LIB\}?/g, lib)) : [at];
    });
}

/** The folders of ld.so.conf (glibc) and of ld-musl-ARCH.path. */
function configuredFolders(tree: ImageTree): readonly string[] {
  const files = [...tree.entries.keys()].filter((path) =>
    /^etc\/(ld\.so\.conf|ld\.so\.conf\.d\/[^/]+\.conf|ld-musl-[^/]+\.path)$/.test(path),
  );
  return files.flatMap((path) =>
    (tree.text(path) ?? '')
      .split(/[\n:]/)
      .map((line) => line.replace(/#.*/, '').trim())
      .filter((line) => line.startsWith('/')),
  );
}
