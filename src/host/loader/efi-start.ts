/** What comes of it when firmware starts a program: a loader runs, or it does not and firmware goes on. */
import { dirname } from 'node:path/posix';
import type { HostTree } from '../tree.ts';
import type { EfiProgram } from '../types.ts';
import { MACHINES, isSigned, readEfiProgram, type EfiProgramFile } from './efi-program.ts';
import { findOnEsp } from './esp.ts';

export interface Firmware {
  readonly tree: HostTree;
  readonly mountPoint: string;
  readonly machine: keyof typeof MACHINES | null;
  /** Nothing is started that is not signed. */
  readonly signedOnly: boolean;
}

type Started = Pick<EfiProgram, 'path' | 'kind'> & Outcome;
type Outcome = Pick<EfiProgram, 'fault'> & Configuration;
type Configuration = Pick<EfiProgram, 'lacks' | 'goesBy'>;

const NO_CONFIGURATION: Configuration = { lacks: [], goesBy: null };

/**
 * @param file from the partition's top
 * @param options whether anything is handed to it: shim takes that for the name of what it is to start
 */
export async function startProgram(firmware: Firmware, file: string, options: boolean): Promise<Started> {
  const { tree, mountPoint, machine } = firmware;
  const path = findOnEsp(tree, mountPoint, file);
  const failed = (kind: NonNullable<EfiProgram['fault']>['kind'], at: string): Started => ({
    path: at,
    kind: null,
    fault: { kind, path: at },
    ...NO_CONFIGURATION,
  });
  if (path === null) return failed('absent', `${mountPoint}/${file}`.replace(/\/+/g, '/'));
  const stat = tree.stat(path);
  if (stat?.type !== 'file') return failed('absent', path);
  const program = await readEfiProgram(tree, path);
  if (program === null || program.end > stat.size) return failed('damaged', path);
  if (machine !== null && program.machine !== MACHINES[machine]) return failed('foreign', path);
  if (firmware.signedOnly && (await isSigned(tree, path)) === false) return failed('unsigned', path);
  const { kind } = program;
  if (kind === 'grub') return { path, kind, fault: null, ...configurationOf(firmware, path, program) };
  if (kind !== 'shim' || options) return { path, kind, fault: null, ...NO_CONFIGURATION };
  return { ...(await startSecond(firmware, path)), path, kind };
}

/** Programs of shim's own that stand beside it. */
const OF_SHIM = /^(?:shim|mm|mok|fb|fallback|boot)\w*\.efi/i;

/**
 * shim starts the GRUB that stands beside it; from the fallback's folder it starts `fb….efi`, where there is one, which goes
 * by the lists that vendors leave in their folders.
 */
async function startSecond(firmware: Firmware, path: string): Promise<Outcome> {
  const { tree, mountPoint } = firmware;
  const folder = dirname(path);
  const names = tree.list(folder).filter((name) => /\.efi$/i.test(name));
  const isFallback = /\/EFI\/BOOT\/BOOT\w+\.EFI$/i.test(path);
  if (isFallback && names.some((name) => /^fb\w*\.efi$/i.test(name))) return startListed(firmware);
  const seconds = names.filter((name) => !OF_SHIM.test(name));
  const grub = seconds.find((name) => /^grub(?:x64|ia32|aa64)?\.efi$/i.test(name));
  if (grub === undefined) {
    const missing = `${folder}/grub${firmware.machine ?? 'x64'}.efi`;
    // Built to start something of another name: it is there.
    return { fault: seconds.length > 0 ? null : { kind: 'absent', path: missing }, ...NO_CONFIGURATION };
  }
  return startProgram(firmware, `${folder.slice(mountPoint.length)}/${grub}`, true);
}

/** Lists are of UTF-16 lines `file,name,…`. Where none is left, what comes of it is not told. */
async function startListed(firmware: Firmware): Promise<Outcome> {
  const { tree, mountPoint } = firmware;
  const top = findOnEsp(tree, mountPoint, 'EFI') ?? `${mountPoint}/EFI`;
  let last: Started | null = null;
  for (const vendor of tree.list(top)) {
    if (/^boot$/i.test(vendor)) continue;
    for (const list of tree.list(`${top}/${vendor}`).filter((name) => /^boot\w*\.csv$/i.test(name))) {
      const text = tree.bytes(`${top}/${vendor}/${list}`, 4096)?.toString('utf16le') ?? '';
      for (const line of text.replace(/^\ufeff/, '').split(/\r?\n/)) {
        const [name = ''] = line.split(',');
        if (name === '' || /^fb\w*\.efi$/i.test(name)) continue;
        last = await startProgram(firmware, `EFI/${vendor}/${name}`, false);
        if (last.fault === null) return last;
      }
    }
  }
  return last ?? { fault: null, ...NO_CONFIGURATION };
}

/** Debian's signed GRUB carries a file system with a script in it that looks in the same places. */
const IN_MEMORY = 'normal (memdisk)/grub.cfg';

/**
 * Which configuration GRUB goes by, or where it looks and finds none. Neither where it cannot be told: a prefix on another
 * device, commands of its own, configurations in more than one of these places.
 */
function configurationOf(
  { tree, mountPoint }: Firmware,
  path: string,
  { prefix, config }: EfiProgramFile,
): Configuration {
  if (prefix === null || !prefix.startsWith('/') || (config !== null && config !== IN_MEMORY)) return NO_CONFIGURATION;
  const folder = findOnEsp(tree, mountPoint, prefix);
  // Without that folder the script goes looking for an installation medium.
  if (config !== null && (folder === null || !/^\/EFI\//i.test(prefix))) return NO_CONFIGURATION;
  const looked = [...new Set([`${folder ?? `${mountPoint}${prefix}`}/grub.cfg`, `${dirname(path)}/grub.cfg`])];
  const platforms = tree.list(folder ?? mountPoint).filter((name) => name.endsWith('-efi'));
  const more = platforms.map((name) => `${folder ?? mountPoint}/${name}/grub.cfg`);
  const there = [...looked, ...more].flatMap((at) => findOnEsp(tree, mountPoint, at.slice(mountPoint.length)) ?? []);
  const [goesBy = null] = there;
  return { lacks: goesBy === null ? looked : [], goesBy: there.length === 1 ? goesBy : null };
}
