/** systemd-boot: type 1 entries and unified kernel images of the EFI and the extended boot partition. */
import { basename } from 'node:path/posix';
import { parseAssignments } from '../assignments.ts';
import { isDirectory, type HostTree } from '../tree.ts';
import type { LoaderEntry, LoaderMenu } from '../types.ts';
import { resolveBootPath, type BootFileSystems } from './boot-paths.ts';
import { parseBlsEntry, splitCounter } from './bls-entry.ts';
import { compareForSystemdBoot, toSortable, type Sortable } from './bls-order.ts';
import { readBlsFiles, toLoaderEntry } from './bls-loader-entry.ts';
import { keepsCounters } from './boot-counters.ts';
import { readEfiProgram } from './efi-program.ts';
import { loaderVariable } from './efi-variables.ts';
import { decideDefault } from './systemd-boot-default.ts';
import { PARTITIONS, findSystemdBoot } from './systemd-boot-files.ts';
import { isRescue } from './entry-kernel.ts';
import { readUkiLabels } from './uki.ts';

interface Shown {
  readonly entry: LoaderEntry;
  readonly sort: Sortable;
  /** Its file's, boot counter and all. */
  readonly fileName: string;
}

/** Entries in the order of the menu, and the default. */
export async function readSystemdBoot(tree: HostTree, systems: BootFileSystems, evidence: string): Promise<LoaderMenu> {
  const shown: Shown[] = [];
  const seen = new Set<string | null>();
  for (const at of PARTITIONS) {
    // /efi may be a link to /boot/efi: its entries are shown once.
    const real = tree.real(at);
    if (!isDirectory(tree, at) || seen.has(real)) continue;
    seen.add(real);
    shown.push(...(await readTypeOne(tree, at, systems)), ...(await readTypeTwo(tree, at)));
  }
  const counted = shown.some(({ sort }) => sort.triesLeft !== null);
  const version = counted ? await readVersion(tree) : null;
  const keeps = counted ? keepsCounters(version) : false;
  const menu = menuOf(tree, shown, keeps ?? false);
  const other = keeps === null ? menuOf(tree, shown, true) : menu;
  if (bootsOf(menu) !== bootsOf(other))
    tree.miss(
      'which entry systemd-boot takes',
      `that depends on whether it reads boot counters as part of an entry's name, and this is not known of version ${version ?? 'unknown'}`,
    );
  return { name: 'systemd-boot', evidence, stub: null, lacks: [], ...menu };
}

/** Of the loader that is installed, else of the one that started the host. */
async function readVersion(tree: HostTree): Promise<string | null> {
  const path = findSystemdBoot(tree);
  const installed = path === null ? null : await readEfiProgram(tree, path);
  return installed?.version ?? /^systemd-boot (\S+)/.exec(loaderVariable(tree, 'LoaderInfo') ?? '')?.[1] ?? null;
}

type Menu = Omit<LoaderMenu, 'name' | 'evidence' | 'stub' | 'lacks'>;

const bootsOf = ({ entries, defaultEntry }: Menu) => (defaultEntry === null ? null : entries[defaultEntry]?.source);

/** @param keeps whether entries go by their file's whole name, or less its boot counter */
function menuOf(tree: HostTree, unsorted: readonly Shown[], keeps: boolean): Menu {
  const named = unsorted.map(({ entry, sort, fileName }) => {
    const suffix = /\.[^.]*$/.exec(fileName)?.[0] ?? '';
    const id = keeps ? fileName.slice(0, fileName.length - suffix.length) : sort.id;
    return { entry, sort: { ...sort, id }, name: `${id}${suffix}` };
  });
  named.sort((a, b) => compareForSystemdBoot(a.sort, b.sort));
  return { entries: named.map(({ entry }) => entry), ...decideDefault(tree, named) };
}

async function readTypeOne(tree: HostTree, at: string, systems: BootFileSystems): Promise<Shown[]> {
  const files = readBlsFiles(tree, `${at}/loader/entries`, parseBlsEntry);
  const shown: Shown[] = [];
  for (const file of files) {
    const entry = await toLoaderEntry(tree, file, {
      resolve: (raw) => resolveBootPath(tree, raw, `${at}/loader`, systems),
      commandLine: (options) => ({ text: options.join(' '), unresolved: [] }),
      initrds: (paths) => ({ text: '', unresolved: [], paths }),
    });
    if (entry !== null) shown.push({ entry, sort: toSortable(file), fileName: basename(file.source) });
  }
  return shown;
}

async function readTypeTwo(tree: HostTree, at: string): Promise<Shown[]> {
  const shown: Shown[] = [];
  for (const name of tree.list(`${at}/EFI/Linux`)) {
    if (name.startsWith('.') || !/\.efi$/i.test(name)) continue;
    const path = `${at}/EFI/Linux/${name}`;
    const labels = await readUkiLabels(tree, path);
    // Without the name of an operating system in it systemd-boot does not show it.
    const osrel = labels?.osrel ?? null;
    if (labels === null || osrel === null) continue;
    const { id, triesLeft } = splitCounter(name.replace(/\.efi$/i, ''));
    const os = parseAssignments(osrel);
    const version = labels.uname ?? os.get('IMAGE_VERSION') ?? os.get('VERSION_ID') ?? null;
    const self = { raw: `/EFI/Linux/${name}`, path, exists: true };
    shown.push({
      fileName: name,
      sort: { id, sortKey: os.get('IMAGE_ID') ?? os.get('ID') ?? null, machineId: null, version, triesLeft },
      entry: {
        id,
        title: os.get('PRETTY_NAME') ?? id,
        type: 'uki',
        source: path,
        kernel: labels.uname,
        linux: self,
        initrds: labels.initrd ? [self] : [],
        cmdline: labels.cmdline ?? '',
        machineId: null,
        architecture: null,
        rescue: isRescue(id),
        unresolved: [],
      },
    });
  }
  return shown;
}
