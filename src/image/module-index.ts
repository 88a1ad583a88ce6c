import { walkKmodIndex } from './kmod-index.ts';
import type { IndexWalk } from './kmod-index.ts';
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
 * @param readFile gives a file of that folder by its name, null where absent
 * @param directory that folder, for the paths of the answer
 */
export function readModuleIndex(
  kernel: string,
  readFile: (name: IndexFileName) => Uint8Array | null,
  directory = `lib/modules/${kernel}`,
): ModuleIndex {
  const walk = (name: IndexFileName) => readIndexFile(`${directory}/${name}`, readFile(name));
  const dep = walk('modules.dep.bin');
  const alias = walk('modules.alias.bin');
  const text = (name: IndexFileName) => Buffer.from(readFile(name) ?? []).toString('latin1');
  return {
    kernel,
    dep: dep.file,
    alias: alias.file,
    symbols: walk('modules.symbols.bin').file,
    builtinIndex: walk('modules.builtin.bin').file,
    textSize: readFile('modules.dep')?.length ?? null,
    modules: new Map(dep.pairs.map(([name, line]) => [normalizeModuleName(name), parseDepLine(line)])),
    aliases: alias.pairs.map(([pattern, module]) => [pattern, normalizeModuleName(module)]),
    softdeps: parseSoftdepFile(text('modules.softdep')),
    builtin: parseBuiltin(text('modules.builtin')),
    builtinAliases: parseBuiltinModinfo(text('modules.builtin.modinfo')),
  };
}

function readIndexFile(path: string, bytes: Uint8Array | null): { file: IndexFile; pairs: IndexWalk['pairs'] } {
  if (bytes === null) return { file: { path, size: 0, state: 'absent', keys: 0 }, pairs: [] };
  const { pairs, ...walk } = walkKmodIndex(bytes);
  return { file: { path, size: bytes.length, ...walk }, pairs };
}

/** `kernel/a.ko: kernel/b.ko kernel/c.ko` */
function parseDepLine(line: string): IndexedModule {
  const colon = line.indexOf(':');
  const path = colon === -1 ? line : line.slice(0, colon);
  const depends = colon === -1 ? [] : words(line.slice(colon + 1));
  return { path, depends };
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
