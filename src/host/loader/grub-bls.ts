/** Type 1 entries as GRUB's blscfg reads them: variables of the environment expanded, paths on the file system of /boot. */
import type { HostTree } from '../tree.ts';
import type { LoaderEntry } from '../types.ts';
import { resolveGrubPath, type BootFileSystems } from './boot-paths.ts';
import { parseBlsEntry } from './bls-entry.ts';
import { compareForGrub } from './bls-order.ts';
import { MOST_EXPANDED } from './grub-words.ts';
import { readBlsFiles, toLoaderEntry, type Expansion } from './bls-loader-entry.ts';

/** Variables that entries use and that are empty unless tuned sets them. */
const OPTIONAL = new Set(['tuned_params', 'tuned_initrd', 'early_initrd']);

/**
 * A variable's value is followed by a blank, which takes the place of the one written after it. What would grow out of bounds is
 * left out, and told as if it had no value.
 */
function expand(text: string, variables: ReadonlyMap<string, string>): Expansion {
  const unresolved: string[] = [];
  let length = 0;
  const expanded = text.replace(/\$(\w+) ?/g, (_, name: string) => {
    const known = variables.get(name);
    length += known?.length ?? 0;
    const value = length > MOST_EXPANDED ? undefined : known;
    if (value === undefined && (known !== undefined || !OPTIONAL.has(name))) unresolved.push(name);
    return value === undefined ? '' : `${value} `;
  });
  return { text: expanded.trim(), unresolved };
}

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** In menu order: newest file name first; of files that compare equal the menu keeps the first alone. */
export async function readGrubBls(
  tree: HostTree,
  folder: string,
  variables: ReadonlyMap<string, string>,
  systems: BootFileSystems,
): Promise<LoaderEntry[]> {
  const root = variables.get('boot') ?? variables.get('root') ?? '';
  const sorted = readBlsFiles(tree, folder, (name, path, text) => ({
    ...parseBlsEntry(name, path, text),
    // GRUB does not know boot counters: they are part of the name.
    id: name.replace(/\.conf$/, ''),
  })).sort(compareForGrub);
  const distinct = sorted.filter((entry, index) => {
    const before = sorted[index - 1];
    return before === undefined || compareForGrub(before, entry) !== 0;
  });
  const early = words(variables.get('early_initrd') ?? '');
  const entries = await Promise.all(
    distinct.map((entry) =>
      toLoaderEntry(tree, entry, {
        resolve: (raw) => resolveGrubPath(tree, raw, root, systems),
        // blscfg takes the first `options` alone, and the environment's default where there is none.
        commandLine: (options) => expand(options[0] ?? variables.get('default_kernelopts') ?? '', variables),
        initrds: (fields) => {
          const expanded = expand(fields.join(' '), variables);
          const named = words(expanded.text);
          const beside = fields[0] ?? entry.fields.get('linux')?.[0] ?? '';
          const folderOf = beside.slice(0, beside.lastIndexOf('/') + 1);
          return { ...expanded, paths: [...early.map((name) => `${folderOf}${name}`), ...named] };
        },
      }),
    ),
  );
  return entries.filter((entry): entry is LoaderEntry => entry !== null);
}
