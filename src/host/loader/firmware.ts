/** What the firmware will start of the EFI partition: by its boot entries, or by the name that it falls back to. */
import type { HostTree } from '../tree.ts';
import type { EfiProgram, FirmwareFacts } from '../types.ts';
import type { BootFileSystem, BootFileSystems } from './boot-paths.ts';
import type { EfiEntry } from './efi-entry.ts';
import { bootNumbers, isEfi, readBootEntry, readFirmwareMachine } from './efi-variables.ts';
import { findEsp, findOnEsp } from './esp.ts';
import { startProgram, type Firmware } from './efi-start.ts';
import { readSecureBoot, readTrust } from './secure-boot.ts';

const FALLBACK = 'the fallback';

/** Null where the host was not started by EFI, or its EFI partition is not known to be mounted, or is none. */
export async function readFirmware(tree: HostTree, systems: BootFileSystems): Promise<FirmwareFacts | null> {
  if (isEfi(tree) !== true) return null;
  const esp = findEsp(tree, systems);
  if (esp === null) return null;
  const current = bootNumbers(tree, 'BootCurrent')?.[0] ?? null;
  const order = bootNumbers(tree, 'BootOrder');
  // Captures were made before these variables were read: what they say of programs is that they are there.
  if (tree.captured && current === null && order === null) return null;
  const started = current === null ? null : await readBootEntry(tree, current);
  const from = started === null ? null : whereFrom(tree, esp, started);
  // A FAT partition that holds no programs, and that nothing was started from, may be anything.
  if (findOnEsp(tree, esp.mountPoint, 'EFI') === null && from !== 'here') return null;

  const firmware: Firmware = {
    tree,
    mountPoint: esp.mountPoint,
    machine: readFirmwareMachine(tree),
    signedOnly: readSecureBoot(tree) === true && (await readTrust(tree))?.keysAlone === true,
  };
  const programs: EfiProgram[] = [];
  const elsewhere: { entry: string; partition: string | null }[] = [];
  const numbers = [...new Set([...(bootNumbers(tree, 'BootNext') ?? []), ...(order ?? [])])];
  for (const number of numbers) {
    const entry = await readBootEntry(tree, number);
    if (entry?.active !== true || entry.leads === 'other') continue;
    const where = whereFrom(tree, esp, entry);
    if (where === 'elsewhere') {
      elsewhere.push({ entry: `Boot${number}`, partition: entry.partition });
      continue;
    }
    const program = await programOf(firmware, `Boot${number}`, entry);
    programs.push({ ...program, isCurrent: number === current });
    // What comes after what runs is not asked for.
    if (program.fault === null) break;
  }
  const runs = programs[programs.length - 1]?.fault === null;
  if (!runs) programs.push(await programOf(firmware, FALLBACK, null));
  return {
    mountPoint: esp.mountPoint,
    names: esp.names,
    variables: order !== null,
    started: from,
    programs,
    elsewhere,
    others: order === null && !runs ? findPrograms(tree, esp.mountPoint) : [],
  };
}

/** Whether an entry leads to this partition, to a device on which it may be, or to what is none of it. */
function whereFrom(tree: HostTree, esp: BootFileSystem, entry: EfiEntry): 'here' | 'device' | 'elsewhere' {
  if (entry.leads === 'device' && entry.partition === null) return 'device';
  if (entry.leads === 'network' || entry.leads === 'other') return 'elsewhere';
  if (entry.partition === null) return 'here';
  const own = esp.names.filter((name) => /^PARTUUID=/i.test(name));
  const name = `partuuid=${entry.partition}`;
  if (own.length > 0) return own.some((one) => one.toLowerCase() === name) ? 'here' : 'elsewhere';
  // A mirror of two EFI partitions has a name of its own: what is on it is on both.
  return entry.file !== null && findOnEsp(tree, esp.mountPoint, entry.file) !== null ? 'here' : 'elsewhere';
}

/** @param entry null: what firmware looks for where no entry names a file */
async function programOf(firmware: Firmware, by: string, entry: EfiEntry | null): Promise<EfiProgram> {
  // What firmware hands over by an entry that it made of a device is a mark of its own.
  const options = entry?.options === true && entry.file !== null;
  const file = entry?.file ?? `EFI/BOOT/${fallbackName(firmware)}`;
  return { by, isCurrent: false, ...(await startProgram(firmware, file, options)) };
}

/** The one of the machine; where that is not known, whichever is there. */
function fallbackName({ tree, mountPoint, machine }: Firmware): string {
  if (machine !== null) return `BOOT${machine.toUpperCase()}.EFI`;
  const names = tree.list(findOnEsp(tree, mountPoint, 'EFI/BOOT') ?? `${mountPoint}/EFI/BOOT`);
  return names.find((name) => /^boot\w+\.efi$/i.test(name)) ?? 'BOOTX64.EFI';
}

/** Programs in the folders that vendors have on the partition. */
function findPrograms(tree: HostTree, mountPoint: string): string[] {
  const folder = findOnEsp(tree, mountPoint, 'EFI');
  const folders = [mountPoint, ...(folder === null ? [] : tree.list(folder).map((name) => `${folder}/${name}`))];
  return folders.flatMap((at) =>
    tree
      .list(at)
      .filter((name) => /\.efi$/i.test(name))
      .map((name) => `${at}/${name}`),
  );
}
