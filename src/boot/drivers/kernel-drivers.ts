import type { ModuleFacts, ModuleIndex } from '../../image/types.ts';
import { onceFor } from '../once-for.ts';
import type { BootFacts } from '../types.ts';
import { matchesAlias, normaliseAlias } from './alias-match.ts';
import { aliasTable } from './alias-table.ts';
import { configuredAs } from './kernel-config.ts';

/** What one kernel can bring along, by module name ('_' for '-') and by alias. */
export interface KernelDrivers {
  /** Whether `modules.builtin` of this kernel is known, from the host or from the image. */
  readonly builtinKnown: boolean;
  /** Whether the aliases of built-in code are known too (`modules.builtin.modinfo`, Linux 5.2 and later). */
  readonly builtinAliasesKnown: boolean;
  /** Whether it is known which modules the kernel has on the host. */
  readonly modulesKnown: boolean;
  isBuiltin(name: string): boolean;
  /** The built-in code that claims an alias, null where none is known to. */
  builtinFor(alias: string): string | null;
  /** Modules of this kernel, on the host or in the image, that claim the alias. */
  modulesFor(alias: string): readonly string[];
  /** Whether the kernel has it as a module, on the host or in the image. */
  hasModule(name: string): boolean;
  /** The file in the image, null where there is none. */
  inImage(name: string): ModuleFacts | null;
  /** Module files on the host, by name: of several of one name, the last. */
  readonly hostModules: ReadonlyMap<string, string>;
  /** Where the host has it, relative to its modules folder; null where it has none. */
  onHost(name: string): string | null;
  /** What must be loaded before it: names of modules, direct and indirect ones mixed. */
  dependsOn(name: string): readonly string[];
  /** Names or aliases that it asks for, and can do without as far as modprobe is concerned. */
  softdepsOf(name: string): readonly string[];
}

/** Worked out once for the facts, however many rules ask. */
export const kernelDrivers = onceFor(gather);

/** `kernel/drivers/block/virtio-blk.ko.xz` → `virtio_blk` */
export function moduleNameOf(path: string): string {
  // The name of a compressed module ends in .ko.xz and the like: what stands before the last ".ko" is it.
  const end = path.lastIndexOf('.ko');
  const name = path.slice(path.lastIndexOf('/') + 1, end < 0 ? path.length : end);
  return name.includes('-') ? name.replaceAll('-', '_') : name;
}

/** Modules that the image holds for the kernel judged, others' aside. */
export function modulesOfKernel({ image, kernel }: BootFacts): readonly ModuleFacts[] {
  return image?.modules.filter((module) => module.kernel === kernel.kernel) ?? [];
}

export function imageIndex({ image, kernel }: BootFacts): ModuleIndex | null {
  return image?.indexes.get(kernel.kernel) ?? null;
}

function gather(facts: BootFacts): KernelDrivers {
  const { kernel } = facts;
  const indexes = [kernel.index, imageIndex(facts)].filter((index) => index !== null);
  const files = new Map(modulesOfKernel(facts).map((module) => [module.name, module]));
  const hostPaths = new Map(kernel.modules.map(({ path }) => [moduleNameOf(path), path]));
  const builtin = new Set(indexes.flatMap((index) => [...index.builtin]));
  const builtinAliases = indexes.flatMap((index) => [...index.builtinAliases]);
  const builtinTable = lazily(() => aliasTable(swapPairs(builtinAliases)));
  const modulesFor = claimants(indexes, files);
  const isBuiltin = (name: string) => builtin.has(name) || configuredAs(name, kernel.config) === 'y';
  return {
    builtinKnown: builtin.size > 0,
    builtinAliasesKnown: builtinAliases.length > 0,
    modulesKnown: hostPaths.size > 0 || (kernel.index?.modules.size ?? 0) > 0,
    isBuiltin,
    builtinFor: (alias) => builtinTable().claimants(alias)[0] ?? builtinByName(alias, isBuiltin),
    modulesFor,
    hasModule: (name) => files.has(name) || hostPaths.has(name) || indexes.some((index) => index.modules.has(name)),
    inImage: (name) => files.get(name) ?? null,
    hostModules: hostPaths,
    onHost: (name) => hostPaths.get(name) ?? kernel.index?.modules.get(name)?.path ?? null,
    dependsOn: (name) => {
      const file = files.get(name);
      const own = file === undefined || file.unread !== undefined ? [] : file.depends;
      const indexed = indexes.flatMap((index) => index.modules.get(name)?.depends ?? []).map(moduleNameOf);
      return [...new Set([...own, ...indexed])].filter((dependency) => dependency !== name);
    },
    softdepsOf: (name) => [
      ...new Set([...(files.get(name)?.softdeps ?? []), ...indexes.flatMap((index) => index.softdeps.get(name) ?? [])]),
    ],
  };
}

/** From the fullest index, the host's where it has one; and from modules that it does not know, in the image alone. */
function claimants(
  indexes: readonly ModuleIndex[],
  files: ReadonlyMap<string, ModuleFacts>,
): (alias: string) => readonly string[] {
  const index = indexes.find(({ alias }) => alias.keys > 0);
  const unindexed = lazily(() => {
    const own = [...files.values()].filter(({ name }) => index?.modules.has(name) !== true);
    return aliasTable(swapPairs(own.map(({ name, aliases }) => [name, aliases] as const)));
  });
  const answers = new Map<string, readonly string[]>();
  return (alias) => {
    const before = answers.get(alias);
    if (before !== undefined) return before;
    const wanted = normaliseAlias(alias);
    const indexed =
      index?.aliasesLike(wanted).filter(([pattern]) => matchesAlias(normaliseAlias(pattern), wanted)) ?? [];
    const found = [...new Set([...indexed.map(([, module]) => module), ...unindexed().claimants(alias)])];
    answers.set(alias, found);
    return found;
  };
}

/**
 * Before Linux 5.2 nothing lists the aliases of built-in code. File systems and ciphers are then known by name:
 * `fs-ext4` is ext4, `crypto-crc32c` is crc32c or crc32c_generic.
 */
function builtinByName(alias: string, isBuiltin: (name: string) => boolean): string | null {
  const name = normaliseAlias(alias).replace(/^(fs|crypto|md)_/, '');
  if (name.includes(':')) return null;
  return [name, `${name}_generic`].find(isBuiltin) ?? null;
}

function swapPairs(entries: readonly (readonly [string, readonly string[]])[]): (readonly [string, string])[] {
  return entries.flatMap(([module, aliases]) => aliases.map((alias) => [alias, module] as const));
}

function lazily<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
