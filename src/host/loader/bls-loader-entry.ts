/** From a type 1 entry's file to an entry of the loader that reads it. */
import type { HostTree } from '../tree.ts';
import type { LoaderEntry, LoaderPath } from '../types.ts';
import { field, type BlsEntry } from './bls-entry.ts';
import { isRescue, kernelOfEntry } from './entry-kernel.ts';

/** How one loader reads the fields. */
export interface BlsReading {
  /** Resolves a path of the entry. */
  resolve(raw: string): LoaderPath;
  /** The command line from the `options` fields, and variables that had no value. */
  commandLine(options: readonly string[]): Expansion;
  /** The initrd paths in loading order. */
  initrds(fields: readonly string[]): Expansion & { readonly paths: readonly string[] };
}

export interface Expansion {
  readonly text: string;
  readonly unresolved: readonly string[];
}

export async function toLoaderEntry(tree: HostTree, entry: BlsEntry, reading: BlsReading): Promise<LoaderEntry | null> {
  const efi = field(entry, 'efi') ?? field(entry, 'uki');
  const rawLinux = field(entry, 'linux') ?? efi;
  if (rawLinux === null) return null;
  const linux = reading.resolve(rawLinux);
  const options = reading.commandLine(entry.fields.get('options') ?? []);
  const initrds = reading.initrds(entry.fields.get('initrd') ?? []);
  const version = field(entry, 'version');
  const title = field(entry, 'title') ?? entry.id;
  return {
    id: entry.id,
    title,
    type: field(entry, 'linux') === null ? 'uki' : 'bls1',
    source: entry.source,
    kernel: await kernelOfEntry(tree, linux, version),
    linux,
    initrds: initrds.paths.map((path) => reading.resolve(path)),
    cmdline: options.text,
    machineId: field(entry, 'machine-id') ?? /^([0-9a-f]{32})-/.exec(entry.id)?.[1] ?? null,
    architecture: field(entry, 'architecture'),
    rescue: isRescue(entry.id, rawLinux, version),
    unresolved: [...new Set([...options.unresolved, ...initrds.unresolved])].sort(),
  };
}

/** Entry files of a folder, by name. */
export function readBlsFiles<T>(
  tree: HostTree,
  folder: string,
  parse: (name: string, path: string, text: string) => T,
): T[] {
  return tree.list(folder).flatMap((name) => {
    const path = `${folder}/${name}`;
    if (name.startsWith('.') || !name.endsWith('.conf')) return [];
    const text = tree.text(path);
    return text === null ? [] : [parse(name, path, text)];
  });
}
