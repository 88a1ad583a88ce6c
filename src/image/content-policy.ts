import { INDEX_FILES } from './module-index.ts';
import { parseModuleFileName } from './module-name.ts';
import type { ModuleFileName } from './module-name.ts';

/** Why the content of a file is wanted; `sniff`: its first bytes decide. */
export type Wanted =
  | { readonly as: 'module'; readonly module: ModuleFileName }
  | { readonly as: 'keep'; readonly limit: number }
  | { readonly as: 'sniff' };

/** Larger ELF files and modules are not read: memory is bounded whatever an image holds. */
export const MAX_READ = 32 << 20;
const INDEX_LIMIT = 16 << 20;
const TEXT_LIMIT = 64 << 10;
const METADATA_LIMIT = 1 << 20;

const BELOW_MODULES = /^(?:usr\/)?lib\/modules\/[^/]+\/(?<rest>.+)$/;
/** Of dracut; and LVM's settings, which are 100 KiB of comments as distributions have them. */
const METADATA = /^(?:usr\/|var\/)?lib\/dracut\/|^etc\/lvm\/lvm\.conf$/;
const CONFIGURATION =
  /^etc\/|^(?:usr\/)?lib\/(?:modules-load\.d|modprobe\.d|sysctl\.d|udev\/rules\.d|systemd)\/|^init$|\.conf$/;
/** Shell libraries of the generators' own scripts, where these lie, and what they read. */
const SCRIPT = /^(?:usr\/)?lib\/(?:[^/]+\.sh|cryptsetup\/functions)$|^scripts\/|^conf\/|^cryptroot\/crypttab$/;

/** What is wanted of a file by where it lies. One that is `linked` has other names, which may matter more: it is kept if small. */
export function wantedOf(path: string, linked: boolean): Wanted {
  const below = BELOW_MODULES.exec(path)?.groups?.rest;
  if (below !== undefined) {
    const module = parseModuleFileName(below);
    if (module !== null) return { as: 'module', module };
    if (INDEX_FILES.some((name) => name === below)) return { as: 'keep', limit: INDEX_LIMIT };
  }
  if (METADATA.test(path)) return { as: 'keep', limit: METADATA_LIMIT };
  if (linked || CONFIGURATION.test(path) || SCRIPT.test(path)) return { as: 'keep', limit: TEXT_LIMIT };
  return { as: 'sniff' };
}
