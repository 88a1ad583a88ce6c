import { walkKmodIndex } from './kmod-index.ts';
import type { VisitPair } from './kmod-index.ts';
import { searchKmodIndex } from './kmod-search.ts';
import { normalizeModuleName, parseModuleFileName } from './module-name.ts';
import { parseSoftdeps } from './softdep.ts';
import type { IndexedModule, IndexFile, ModuleIndex } from './types.ts';

/** The files below `lib/modules/K` that kmod looks things up in, as far as they are read here. */
export const INDEX_FILES = [
  'modules.dep.bin',
  'modules.alias.bin',
  'modules.symbols.bin',
  'modules.builtin.bin',
  'modules.dep',
  'modules.softdep',
  'modules.builtin',
  'modules.builtin.modinfo',
] as const;

export type IndexFileName = (typeof INDEX_FILES)[number];

/**
 * Reads kmod's index of one kernel, in an image or on a host.
 * @param kernel the K of `lib/modules/K`
 * @param readFile gives a file of that folder by its name, null where absent; called again and later, so it must go on to give the same
 * @param directory that folder, for the paths of the answer
 */
export function readModuleIndex(
  kernel: string,
  readFile: (name: IndexFileName) => Uint8Array | null,
  directory = `lib/modules/${kernel}`,
): ModuleIndex {
  const walk = (name: IndexFileName, visit?: VisitPair) => readIndexFile(`${directory}/${name}`, readFile(name), visit);
  const text = (name: IndexFileName) => Buffer.from(readFile(name) ?? []).toString('latin1');
  // Each part is read when it is asked for: a check seldom asks for all of them, and a host's aliases are tens of thousands.
  const dep = lazily(() => {
    const modules = new Map<string, IndexedModule>();
    const file = walk('modules.dep.bin', (name, line) => modules.set(normalizeModuleName(name), parseDepLine(line)));
    return { file, modules };
  });
  const alias = lazily(() => walk('modules.alias.bin'));
  const symbols = lazily(() => walk('modules.symbols.bin'));
  const builtinIndex = lazily(() => walk('modules.builtin.bin'));
  const softdeps = lazily(() => parseSoftdepFile(text('modules.softdep')));
  const builtin = lazily(() => parseBuiltin(text('modules.builtin')));
  const builtinAliases = lazily(() => parseBuiltinModinfo(text('modules.builtin.modinfo')));
  return {
    kernel,
    textSize: readFile('modules.dep')?.length ?? null,
    get dep() {
      return dep().file;
    },
    get modules() {
      return dep().modules;
    },
    get alias() {
      return alias();
    },
    aliasesLike(text) {
      const pairs = searchKmodIndex(readFile('modules.alias.bin') ?? new Uint8Array(), text);
      return pairs.map(([pattern, name]) => [pattern, normalizeModuleName(name)]);
    },
    get symbols() {
      return symbols();
    },
    get builtinIndex() {
      return builtinIndex();
    },
    get softdeps() {
      return softdeps();
    },
    get builtin() {
      return builtin();
    },
    get builtinAliases() {
      return builtinAliases();
    },
  };
}

function lazily<T>(compute: () => T): () => T {
  let known: { readonly value: T } | null = null;
  return () => (known ??= { value: compute() }).value;
}

function readIndexFile(path: string, bytes: Uint8Array | null, visit?: VisitPair): IndexFile {
  if (bytes === null) return { path, size: 0, state: 'absent', keys: 0 };
  return { path, size: bytes.length, ...walkKmodIndex(bytes, visit) };
}

/** `kernel/a.ko: kernel/b.ko kernel/c.ko`. What it depends on is read when it is asked for: of thousands, few are. */
function parseDepLine(line: string): IndexedModule {
  const colon = line.indexOf(':');
  if (colon === -1) return { path: line, depends: [] };
  return {
    path: line.slice(0, colon),
    get depends() {
      return words(line.slice(colon + 1));
    },
  };
}

/** `softdep NAME pre: a b post: c` a line (modprobe.d(5)). */
function parseSoftdepFile(text: string): ReadonlyMap<string, readonly string[]> {
  const softdeps = new Map<string, readonly string[]>();
  for (const line of text.split('\n')) {
    const [keyword, module, ...rest] = words(line);
    if (keyword !== 'softdep' || module === undefined) continue;
    const name = normalizeModuleName(module);
    softdeps.set(name, [...(softdeps.get(name) ?? []), ...parseSoftdeps(rest.join(' '))]);
  }
  return softdeps;
}

/** `kernel/drivers/block/virtio_blk.ko` a line. */
function parseBuiltin(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const line of text.split('\n')) {
    const module = parseModuleFileName(line.trim());
    if (module !== null) names.add(module.name);
  }
  return names;
}

/** `name.key=value` strings, each ended by a NUL. */
function parseBuiltinModinfo(text: string): ReadonlyMap<string, readonly string[]> {
  const aliases = new Map<string, string[]>();
  for (const line of text.split('\0')) {
    const match = /^([^.=]+)\.alias=(.*)$/s.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) continue;
    const name = normalizeModuleName(match[1]);
    const known = aliases.get(name);
    if (known) known.push(match[2]);
    else aliases.set(name, [match[2]]);
  }
  return aliases;
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
