/** systemd-boot: type 1 entries and unified kernel images of the EFI and the extended boot partition. */
import { parseAssignments } from '../assignments.ts';
import { isDirectory, isFile, type HostTree } from '../tree.ts';
import type { LoaderEntry, LoaderFacts } from '../types.ts';
import { resolveBootPath, type BootFileSystems } from './boot-paths.ts';
import { parseBlsEntry, splitCounter } from './bls-entry.ts';
import { compareForSystemdBoot, toSortable, type Sortable } from './bls-order.ts';
import { readBlsFiles, toLoaderEntry } from './bls-loader-entry.ts';
import { loaderVariable } from './efi-variables.ts';
import { isRescue } from './entry-kernel.ts';
import { readUkiLabels } from './uki.ts';

/** Where the EFI partition and $BOOT are mounted, by the specification. */
const PARTITIONS = ['/efi', '/boot', '/boot/efi'] as const;

/** The loader itself, installed; null where it is not. */
export function findSystemdBoot(tree: HostTree): string | null {
  for (const at of PARTITIONS) {
    const name = tree.list(`${at}/EFI/systemd`).find((file) => /^systemd-boot.*\.efi$/i.test(file));
    if (name !== undefined) return `${at}/EFI/systemd/${name}`;
  }
  return null;
}

interface Shown {
  readonly entry: LoaderEntry;
  readonly sort: Sortable;
  /** As patterns name it: with its suffix. */
  readonly fileName: string;
}

/** Entries in the order of the menu, and the default. */
export async function readSystemdBoot(
  tree: HostTree,
  systems: BootFileSystems,
  evidence: string,
): Promise<LoaderFacts> {
  const shown: Shown[] = [];
  const seen = new Set<string | null>();
  for (const at of PARTITIONS) {
    // /efi may be a link to /boot/efi: its entries are shown once.
    const real = tree.real(at);
    if (!isDirectory(tree, at) || seen.has(real)) continue;
    seen.add(real);
    shown.push(...(await readTypeOne(tree, at, systems)), ...(await readTypeTwo(tree, at)));
  }
  shown.sort((a, b) => compareForSystemdBoot(a.sort, b.sort));
  const entries = shown.map(({ entry }) => entry);
  return { name: 'systemd-boot', evidence, entries, stub: null, ...decideDefault(tree, shown) };
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
    if (entry !== null) shown.push({ entry, sort: toSortable(file), fileName: `${file.id}.conf` });
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
      fileName: `${id}.efi`,
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

/** fnmatch(3) of an entry's name, without regard to case. */
function matches(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  try {
    return new RegExp(`^${source}$`, 'i').test(name);
  } catch {
    return false; // an unclosed bracket matches nothing
  }
}

const NOT_OFFERED = 'names an entry whose kernel is not there, or for another architecture';

/**
 * systemd-boot does not offer an entry without its kernel, nor one that says it is for another architecture. Where none is
 * left, the first is as good as any to tell of.
 */
function offeredOf(shown: readonly Shown[], machine: string | null): readonly Shown[] {
  const offered = shown.filter(
    ({ entry: { linux, architecture } }) =>
      linux?.exists !== false &&
      (architecture === null || machine === null || architecture.toLowerCase() === machine.toLowerCase()),
  );
  return offered.length === 0 ? shown : offered;
}

function decideDefault(
  tree: HostTree,
  shown: readonly Shown[],
): Pick<LoaderFacts, 'defaultEntry' | 'defaultEvidence' | 'defaultDangling'> {
  const machine = /systemd-boot([a-z0-9]+)\.efi$/i.exec(findSystemdBoot(tree) ?? '')?.[1] ?? null;
  const offered = offeredOf(shown, machine);
  const configured = readConfigured(tree);
  const wishes: { value: string; evidence: string }[] = [];
  for (const name of ['LoaderEntryOneShot', 'LoaderEntryDefault']) {
    const value = loaderVariable(tree, name);
    if (value !== null) wishes.push({ value, evidence: `EFI variable ${name}=${value}` });
  }
  if (configured !== null) {
    const saved = configured.value === '@saved' ? loaderVariable(tree, 'LoaderEntryLastBooted') : null;
    wishes.push({
      value: saved ?? configured.value,
      evidence: `${configured.path} default ${configured.value}${saved === null ? '' : `, last booted ${saved}`}`,
    });
  }
  let dangling: { value: string; evidence: string; why: string } | null = null;
  for (const wish of wishes) {
    const is = ({ fileName, entry }: Shown) => matches(wish.value, fileName) || matches(wish.value, entry.id);
    const found = offered.find(is);
    if (found !== undefined)
      return { defaultEntry: shown.indexOf(found), defaultEvidence: wish.evidence, defaultDangling: null };
    // Nothing was booted yet: "@saved" then means the first entry.
    if (wish.value !== '@saved') dangling ??= { ...wish, why: shown.some(is) ? NOT_OFFERED : 'names no entry' };
  }
  const [first] = offered;
  const defaultEntry = first === undefined ? null : shown.indexOf(first);
  if (dangling !== null) {
    const instead =
      first === undefined ? 'there is no entry at all' : `systemd-boot falls back to "${first.entry.title}"`;
    return {
      defaultEntry,
      defaultEvidence: `${dangling.evidence}, which ${dangling.why}: ${instead}`,
      defaultDangling: dangling.value,
    };
  }
  return {
    defaultEntry,
    defaultEvidence: first === undefined ? 'there is no entry' : 'no default configured: first menu entry',
    defaultDangling: null,
  };
}

function readConfigured(tree: HostTree): { path: string; value: string } | null {
  for (const at of PARTITIONS) {
    const path = `${at}/loader/loader.conf`;
    const text = isFile(tree, path) ? tree.text(path) : null;
    // The last line that says so counts.
    const value = [...(text ?? '').matchAll(/^\s*default\s+(\S+)/gm)].pop()?.[1];
    if (value !== undefined) return { path, value };
  }
  return null;
}
