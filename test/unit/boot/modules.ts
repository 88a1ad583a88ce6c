/** Real modules of Debian's 6.1 kernel, as facts: on the host, in an image, in kmod's index. */
import type { IndexFile, ModuleFacts, ModuleIndex } from '../../../src/image/types.ts';
import type { KernelFacts } from '../../../src/host/types.ts';
import recorded from './modules.json' with { type: 'json' };

export const K = recorded.kernel;

interface Recorded {
  readonly path: string;
  readonly size: number;
  readonly depends: readonly string[];
  readonly softdeps: readonly string[];
  readonly aliases: readonly string[];
  readonly firmware: readonly string[];
}
const MODULES: ReadonlyMap<string, Recorded> = new Map(Object.entries<Recorded>(recorded.modules));

/** All recorded module files, as the host's folder holds them. */
export const MODULE_FILES: KernelFacts['modules'] = [...MODULES.values()].map(({ path, size }) => ({
  path,
  size,
  mtime: 1_700_000_000,
}));

/** What the module says of itself, in an image below `usr/lib/modules/K`. Throws for one that was not recorded. */
export function moduleFacts(name: string, over: Partial<ModuleFacts> = {}): ModuleFacts {
  const { path, ...said } = recordOf(name);
  return {
    ...said,
    path: `usr/lib/modules/${K}/${path}`,
    kernel: K,
    name,
    compression: 'none',
    machine: 62,
    vermagic: `${K} SMP preempt mod_unload modversions `,
    signed: true,
    ...over,
  };
}

/** The modules and all they depend on, sorted. */
export function withDependencies(names: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const visit = (name: string) => {
    if (found.has(name)) return;
    found.add(name);
    recordOf(name).depends.forEach(visit);
  };
  names.forEach(visit);
  return [...found].sort();
}

/** The index that depmod makes of these modules in an image (`usr/lib/modules/K`). */
export function indexOf(names: readonly string[], over: Partial<ModuleIndex> = {}): ModuleIndex {
  return index(`usr/lib/modules/${K}`, names, over);
}

/** The host's own index: every recorded module. */
export function hostIndex(over: Partial<ModuleIndex> = {}): ModuleIndex {
  return index(`/usr/lib/modules/${K}`, [...MODULES.keys()], over);
}

export function indexFile(path: string, over: Partial<IndexFile> = {}): IndexFile {
  return { path, size: 65_536, state: 'sound', keys: 100, ...over };
}

/** What `depmod` leaves when it indexes nothing: 12 bytes, the header alone. */
export function emptyIndexFile(path: string): IndexFile {
  return indexFile(path, { size: 12, state: 'empty', keys: 0 });
}

function index(dir: string, names: readonly string[], over: Partial<ModuleIndex>): ModuleIndex {
  return {
    kernel: K,
    dep: indexFile(`${dir}/modules.dep.bin`, { keys: names.length }),
    alias: indexFile(`${dir}/modules.alias.bin`),
    symbols: indexFile(`${dir}/modules.symbols.bin`),
    builtinIndex: indexFile(`${dir}/modules.builtin.bin`, { keys: recorded.builtin.length }),
    textSize: names.length * 60,
    modules: new Map(
      names.map((name) => [
        name,
        { path: recordOf(name).path, depends: closure(name).map((dependency) => recordOf(dependency).path) },
      ]),
    ),
    aliasesLike: () => names.flatMap((name) => recordOf(name).aliases.map((alias) => [alias, name] as const)),
    softdeps: new Map(names.map((name) => [name, recordOf(name).softdeps] as const).filter(([, deps]) => deps.length)),
    builtin: new Set(recorded.builtin),
    builtinAliases: new Map(Object.entries<readonly string[]>(recorded.builtinAliases)),
    ...over,
  };
}

/** What modules.dep lists behind the colon: all that must be loaded before. */
function closure(name: string): readonly string[] {
  return withDependencies([name]).filter((other) => other !== name);
}

function recordOf(name: string): Recorded {
  const found = MODULES.get(name);
  if (found === undefined) throw new Error(`${name} is not in modules.json: add it to modules.make.py`);
  return found;
}
