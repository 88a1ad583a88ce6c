import { parseCommandLine, valuesOf } from '../../boot/command-line.ts';
import type { HostFacts, LoaderEntry } from '../../host/types.ts';
import type { Target } from '../select-targets.ts';
import { readBootTime } from './boot-time.ts';
import type { FileState } from './types.ts';

/** The boot that the machine is in. */
export interface Boot {
  /** `uname -r`; null where the host is not the one that runs. */
  readonly running: string | null;
  /** Seconds since the epoch; null: not known. */
  readonly time: number | null;
  /** `/proc/cmdline`; null where the host is not the one that runs. */
  readonly cmdline: string | null;
}

/**
 * What the boot that the machine is in says of an image. `proven`: the command line names it as what was loaded ·
 * `likely`: the default entry was booted, and nothing says whether its images were changed by hand in the loader's menu ·
 * `none`: nothing.
 */
export type Booted = 'proven' | 'likely' | 'none';

/** Seconds: FAT keeps times in steps of two, and the kernel counts back to when it started. */
const GRAIN = 3;

export function readBoot(host: HostFacts): Boot {
  return { running: host.running, time: readBootTime(host), cmdline: host.cmdlines.running };
}

/** Whether the image of a kernel brought the machine up: as far as its times and the command line tell. */
export function bootedBy(
  { kernel, entry, isDefault }: Pick<Target, 'kernel' | 'entry' | 'isDefault'>,
  file: FileState | null,
  { running, time, cmdline }: Boot,
): Booted {
  if (file === null || entry === null || entry.rescue || cmdline === null) return 'none';
  if (running !== kernel || time === null || file.changed + GRAIN >= time) return 'none';
  if (!isOwn(entry, cmdline)) return 'none';
  if (namesImages(entry, cmdline)) return 'proven';
  return isDefault ? 'likely' : 'none';
}

/** Whether a command line is the one that an entry gives, for the kernel file that the entry names. */
function isOwn({ cmdline: own, linux, unresolved }: LoaderEntry, cmdline: string): boolean {
  if (unresolved.length > 0) return false;
  const kernelFile = valuesOf(parseCommandLine(cmdline), 'BOOT_IMAGE')[0];
  if (kernelFile !== undefined && fileName(kernelFile) !== fileName(linux?.raw ?? '')) return false;
  return JSON.stringify(withoutFiles(cmdline)) === JSON.stringify(withoutFiles(own));
}

/** systemd-boot, like all that start the kernel as an EFI program, names what it loads (`initrd=\…`); GRUB does not. */
function namesImages({ initrds }: LoaderEntry, cmdline: string): boolean {
  const named = valuesOf(parseCommandLine(cmdline), 'initrd').map((path) => path.replace(/\\/g, '/'));
  return named.length > 0 && JSON.stringify(named) === JSON.stringify(initrds.map(({ raw }) => raw));
}

/** What a loader adds by itself left out. */
function withoutFiles(cmdline: string) {
  return parseCommandLine(cmdline).words.filter(({ key }) => key !== 'BOOT_IMAGE' && key !== 'initrd');
}

/** `(hd0,gpt2)/vmlinuz-K` → `vmlinuz-K` */
function fileName(path: string): string {
  return path.replace(/^.*[/)]/, '');
}
