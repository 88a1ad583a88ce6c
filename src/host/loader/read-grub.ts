/** GRUB's menu: grub.cfg, its environment block, and the type 1 entries that it takes in. */
import { dirname } from 'node:path/posix';
import { isDirectory, isFile, type HostTree } from '../tree.ts';
import type { EntryBoot, FirmwareFacts, LoaderEntry, LoaderMenu } from '../types.ts';
import { fileSystemOf, resolveGrubPath, type BootFileSystem, type BootFileSystems } from './boot-paths.ts';
import { defaultEntryOf } from './default-entry.ts';
import { isRescue, kernelOfEntry } from './entry-kernel.ts';
import { readGrubBls } from './grub-bls.ts';
import { findGrubDefault, firstShown, type ShownItem } from './grub-default.ts';
import type { GrubMenu, LoadCommand, MenuEntry, MenuItem } from './grub-menu.ts';
import { findVendorConfigs, readGrubStub } from './grub-stub.ts';
import { parseGrubenv } from './grubenv.ts';
import { runGrubFile } from './run-grub-file.ts';

/** GRUB's own folder, by the names that distributions give it. */
const FOLDERS = ['/boot/grub2', '/boot/grub'] as const;

/** Where grub.cfg may lie, the likeliest first. Firmware that speaks EFI starts the one on the EFI partition. */
export function findGrubConfigs(tree: HostTree, efi: boolean): string[] {
  const vendor = findVendorConfigs(tree);
  const plain = FOLDERS.map((folder) => `${folder}/grub.cfg`).filter((path) => isFile(tree, path));
  return efi ? [...vendor, ...plain] : [...plain, ...vendor];
}

export function readGrubEnvironment(tree: HostTree, configs: readonly string[]): ReadonlyMap<string, string> {
  const paths = [...configs.map((path) => `${dirname(path)}/grubenv`), '/boot/grub2/grubenv', '/boot/grub/grubenv'];
  for (const path of paths) {
    const text = isFile(tree, path) ? tree.text(path) : null;
    if (text !== null) return parseGrubenv(text);
  }
  return new Map();
}

/** The loader's entries and default where GRUB is there; null where nothing of it is. */
export async function readGrub(
  tree: HostTree,
  systems: BootFileSystems,
  efi: boolean | null,
  firmware: FirmwareFacts | null,
): Promise<LoaderMenu | null> {
  const configs = findGrubConfigs(tree, efi === true);
  const menus = configs.map((path) => ({ path, menu: runGrubFile(tree, path, systems) }));
  // On EFI the first may be a stub for another vendor's folder, or a leftover: the first that shows anything counts.
  const shown = menus.find(({ menu }) => menu.items.length > 0);
  const lacks = shown === undefined && !configs.some(isOwnConfig) ? placesOfConfig(tree) : [];
  const chosen = shown ?? (lacks.length > 0 ? withoutConfig(tree) : null) ?? menus[0] ?? null;
  if (chosen === null) return null;
  const stub = efi === true ? readGrubStub(tree, firmware) : null;
  if (lacks.length > 0 && !isLookedFor(fileSystemOf('/boot', systems), efi, stub))
    tree.miss('grub.cfg', `${lacks.join(' or ')} is no file, and whether GRUB looks elsewhere is not known`);
  const flat = await flatten(tree, chosen.menu, systems);
  return {
    name: 'grub',
    evidence: `${chosen.path}${flat.bls === null ? '' : ` with blscfg, entries in ${flat.bls}`}`,
    entries: flat.entries,
    stub,
    lacks,
    ...(lacks.length > 0 && flat.entries.length === 0
      ? { defaultEntry: null, defaultEvidence: `there is no ${lacks.join(' or ')}`, defaultDangling: null }
      : fallBack(decideDefault(tree, chosen.path, chosen.menu, flat.shown, flat.entries), chosen.menu, flat)),
  };
}

/** Not a vendor's on the EFI partition, which may be no more than the way to it. */
function isOwnConfig(path: string): boolean {
  return FOLDERS.some((folder) => path === `${folder}/grub.cfg`);
}

/** Whether it is in `/boot` that GRUB looks for its grub.cfg: by BIOS, or by what the stub on the EFI partition says. */
function isLookedFor({ mounted, names }: BootFileSystem, efi: boolean | null, stub: LoaderMenu['stub']): boolean {
  if (mounted !== true) return false;
  return (
    efi === false || (stub !== null && names.some((name) => name.toLowerCase() === `uuid=${stub.uuid}`.toLowerCase()))
  );
}

/** Where GRUB keeps what is its own, as far as there is such a folder. */
function placesOfConfig(tree: HostTree): string[] {
  const there = FOLDERS.filter((path) => isDirectory(tree, path));
  return (there.length > 0 ? there : FOLDERS).map((path) => `${path}/grub.cfg`);
}

/**
 * A GRUB that has no grub.cfg and shows no menu: what it left tells of it. The type 1 entries are those that it would take in
 * if grub2-mkconfig were run.
 */
function withoutConfig(tree: HostTree): { path: string; menu: GrubMenu } | null {
  const hasEntries = isDirectory(tree, '/boot/loader/entries');
  const signs = [
    ...['grubenv', 'i386-pc/normal.mod'].flatMap((name) => FOLDERS.map((path) => `${path}/${name}`)),
    // Brought by a package, used or not.
    ...(hasEntries ? ['/etc/default/grub'] : []),
  ];
  const path = signs.find((at) => isFile(tree, at));
  if (path === undefined) return null;
  const variables = new Map([['root', ''], ...readGrubEnvironment(tree, [])]);
  const wanted = variables.get('next_entry');
  variables.set('default', wanted === undefined || wanted === '' ? (variables.get('saved_entry') ?? '') : wanted);
  return { path, menu: { items: hasEntries ? [{ kind: 'bls' }] : [], variables } };
}

interface FlatMenu {
  readonly entries: LoaderEntry[];
  readonly shown: ShownItem[];
  /** The folder of type 1 entries, where the menu takes them in. */
  readonly bls: string | null;
}

async function flatten(tree: HostTree, menu: GrubMenu, systems: BootFileSystems): Promise<FlatMenu> {
  const entries: LoaderEntry[] = [];
  let bls: string | null = null;

  async function show(items: readonly MenuItem[], above: string): Promise<ShownItem[]> {
    const shown: ShownItem[] = [];
    for (const item of items) {
      switch (item.kind) {
        case 'entry':
          shown.push({ index: entries.length, id: item.id, title: item.title });
          entries.push(await toEntry(tree, item, above, systems));
          break;
        case 'submenu':
          shown.push({ id: item.id, title: item.title, items: await show(item.items, `${above}${item.title}>`) });
          break;
        case 'bls':
          bls = blsFolder(tree, menu);
          for (const entry of await readGrubBls(tree, bls, menu.variables, systems)) {
            shown.push({ index: entries.length, id: entry.id, title: entry.title });
            entries.push(entry);
          }
      }
    }
    return shown;
  }

  const shown = await show(menu.items, '');
  return { entries, shown, bls };
}

function blsFolder(tree: HostTree, menu: GrubMenu): string {
  const named = menu.variables.get('blsdir');
  const candidates = [
    ...(named === undefined ? [] : [named, `/boot${named}`]),
    '/boot/loader/entries',
    '/boot/efi/loader/entries',
    '/efi/loader/entries',
  ];
  return candidates.find((path) => isDirectory(tree, path)) ?? '/boot/loader/entries';
}

/** A menu entry that boots Linux; one that loads no kernel (firmware settings, another system) has `linux` null. */
async function toEntry(tree: HostTree, item: MenuEntry, above: string, systems: BootFileSystems): Promise<LoaderEntry> {
  const boot = (commands: readonly LoadCommand[]): EntryBoot => {
    const { kernel, initrds } = loaded(commands);
    const [path, ...cmdline] = kernel;
    return {
      linux: path === undefined ? null : resolveGrubPath(tree, path, item.root, systems),
      initrds: initrds.map((raw) => resolveGrubPath(tree, raw, item.root, systems)),
      cmdline: cmdline.join(' '),
    };
  };
  const { linux, initrds, cmdline } = boot(item.commands);
  return {
    id: `${above}${item.title}`,
    title: item.title,
    type: 'grub',
    source: item.source,
    kernel: await kernelOfEntry(tree, linux, null),
    linux,
    initrds,
    cmdline,
    ...(item.first === null ? {} : { firstTry: boot(item.first) }),
    machineId: null,
    architecture: null,
    rescue: isRescue(item.title, linux?.raw ?? null),
    unresolved: item.unresolved,
  };
}

/** Kernel words and initrd paths of an entry; under Xen the kernel is the first module and its images the others. */
function loaded(commands: readonly LoadCommand[]): { kernel: readonly string[]; initrds: readonly string[] } {
  const linux = commands.find(({ name }) => name.startsWith('linux'));
  const modules = commands
    .filter(({ name }) => name.startsWith('module'))
    .map(({ words }) => words.filter((word) => word !== '--nounzip'));
  const initrds = commands
    .filter(({ name }) => name.startsWith('initrd'))
    .flatMap(({ words }) => words.filter((word) => !word.startsWith('-')));
  if (linux !== undefined) return { kernel: linux.words, initrds };
  const [kernel, ...rest] = modules;
  return { kernel: kernel ?? [], initrds: rest.flatMap(([path]) => (path === undefined ? [] : [path])) };
}

type Default = Pick<LoaderMenu, 'defaultEntry' | 'defaultEvidence' | 'defaultDangling'>;

/** An entry of which a file is not there boots nothing: GRUB then goes through those that `fallback` names. */
function fallBack(decided: Default, menu: GrubMenu, { entries, shown }: FlatMenu): Default {
  const names = (menu.variables.get('fallback') ?? '').split(/\s+/).filter((name) => name !== '');
  const first = defaultEntryOf({ ...decided, entries });
  if (first === null || isLoadable(first)) return decided;
  for (const name of names) {
    const at = findGrubDefault(shown, name);
    const entry = at === null ? undefined : entries[at];
    if (entry === undefined || !isLoadable(entry)) continue;
    return {
      defaultEntry: at,
      defaultEvidence: `${decided.defaultEvidence}, of which a file is not there: GRUB falls back to "${entry.title}" (fallback=${name})`,
      defaultDangling: first.id,
    };
  }
  return decided;
}

function isLoadable({ linux, initrds }: LoaderEntry): boolean {
  return [...(linux === null ? [] : [linux]), ...initrds].every(({ exists }) => exists !== false);
}

function decideDefault(
  tree: HostTree,
  path: string,
  menu: GrubMenu,
  shown: readonly ShownItem[],
  entries: readonly LoaderEntry[],
): Default {
  const value = menu.variables.get('default') ?? '';
  const first = firstShown(shown);
  if (value === '') {
    if (tree.text(path) === null || tree.refuses(path))
      return { defaultEntry: first, defaultEvidence: `${path} could not be read`, defaultDangling: null };
    const why = menu.variables.has('default') ? 'default is set to nothing' : `${path} sets no default`;
    return { defaultEntry: first, defaultEvidence: `${why}: first menu entry`, defaultDangling: null };
  }
  const environment = readGrubEnvironment(tree, [path]);
  const key = ['next_entry', 'saved_entry'].find((name) => environment.get(name) === value);
  const evidence = key === undefined ? `${path} sets default="${value}"` : `grubenv ${key}=${value}`;
  const found = findGrubDefault(shown, value);
  if (found !== null) return { defaultEntry: found, defaultEvidence: evidence, defaultDangling: null };
  const instead = first === null ? 'there is no entry at all' : `GRUB falls back to "${entries[first]?.title ?? ''}"`;
  return {
    defaultEntry: first,
    defaultEvidence: `${evidence}, which names no entry: ${instead}`,
    defaultDangling: value,
  };
}
