/** What comes of it when firmware starts a program: a loader runs, or it does not and firmware goes on. */
import { dirname } from 'node:path/posix';
import type { HostTree } from '../tree.ts';
import type { EfiProgram } from '../types.ts';
import { MACHINES, readEfiProgram, type EfiProgramFile } from './efi-program.ts';
import { findOnEsp } from './esp.ts';

export interface Firmware {
  readonly tree: HostTree;
  readonly mountPoint: string;
  readonly machine: keyof typeof MACHINES | null;
}

type Started = Pick<EfiProgram, 'path' | 'fault' | 'lacks'>;

/**
 * @param file from the partition's top
 * @param options whether anything is handed to it: shim takes that for the name of what it is to start
 */
export async function startProgram(firmware: Firmware, file: string, options: boolean): Promise<Started> {
  const { tree, mountPoint, machine } = firmware;
  const path = findOnEsp(tree, mountPoint, file);
  const failed = (kind: NonNullable<EfiProgram['fault']>['kind'], at: string): Started => ({
    path: at,
    fault: { kind, path: at },
    lacks: [],
  });
  if (path === null) return failed('absent', `${mountPoint}/${file}`.replace(/\/+/g, '/'));
  const stat = tree.stat(path);
  if (stat?.type !== 'file') return failed('absent', path);
  const program = await readEfiProgram(tree, path);
  if (program === null || program.end > stat.size) return failed('damaged', path);
  if (machine !== null && program.machine !== MACHINES[machine]) return failed('foreign', path);
  if (program.kind === 'grub') return { path, fault: null, lacks: configsNotThere(firmware, path, program) };
  if (program.kind !== 'shim' || options) return { path, fault: null, lacks: [] };
  return startSecond(firmware, path);
}

/** Programs of shim's own that stand beside it. */
const OF_SHIM = /^(?:shim|mm|mok|fb|fallback|boot)\w*\.efi/i;

/**
 * shim starts the GRUB that stands beside it; from the fallback's folder it starts `fb….efi`, where there is one, which goes
 * by the lists that vendors leave in their folders.
 */
async function startSecond(firmware: Firmware, path: string): Promise<Started> {
  const { tree, mountPoint } = firmware;
  const folder = dirname(path);
  const names = tree.list(folder).filter((name) => /\.efi$/i.test(name));
  const isFallback = /\/EFI\/BOOT\/BOOT\w+\.EFI$/i.test(path);
  if (isFallback && names.some((name) => /^fb\w*\.efi$/i.test(name))) return startListed(firmware, path);
  const seconds = names.filter((name) => !OF_SHIM.test(name));
  const grub = seconds.find((name) => /^grub(?:x64|ia32|aa64)?\.efi$/i.test(name));
  if (grub === undefined) {
    const missing = `${folder}/grub${firmware.machine ?? 'x64'}.efi`;
    // Built to start something of another name: it is there.
    return { path, fault: seconds.length > 0 ? null : { kind: 'absent', path: missing }, lacks: [] };
  }
  const second = await startProgram(firmware, `${folder.slice(mountPoint.length)}/${grub}`, true);
  return { ...second, path };
}

/** Lists are of UTF-16 lines `file,name,…`. Where none is left, what comes of it is not told. */
async function startListed(firmware: Firmware, path: string): Promise<Started> {
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
        if (last.fault === null) return { ...last, path };
      }
    }
  }
  return last === null ? { path, fault: null, lacks: [] } : { ...last, path };
}

/** Debian's signed GRUB carries a file system with a script in it that looks in the same places. */
const IN_MEMORY = 'normal (memdisk)/grub.cfg';

/**
 * The configurations that GRUB would go by, none of which is there; empty where one is, or where it cannot be told: a
 * prefix on another device, commands of its own.
 */
function configsNotThere({ tree, mountPoint }: Firmware, path: string, { prefix, config }: EfiProgramFile): string[] {
  if (prefix === null || !prefix.startsWith('/') || (config !== null && config !== IN_MEMORY)) return [];
  const folder = findOnEsp(tree, mountPoint, prefix);
  // Without that folder the script goes looking for an installation medium.
  if (config !== null && (folder === null || !/^\/EFI\//i.test(prefix))) return [];
  const looked = [`${folder ?? `${mountPoint}${prefix}`}/grub.cfg`, `${dirname(path)}/grub.cfg`];
  const platforms = tree.list(folder ?? mountPoint).filter((name) => name.endsWith('-efi'));
  const more = platforms.map((name) => `${folder ?? mountPoint}/${name}/grub.cfg`);
  const isThere = (at: string) => findOnEsp(tree, mountPoint, at.slice(mountPoint.length)) !== null;
  return [...looked, ...more].some(isThere) ? [] : [...new Set(looked)];
}
