import type { ImageFacts } from '../../image/types.ts';
import { lastValue } from '../command-line.ts';
import type { CommandLine } from '../types.ts';

/** A name that is no path: what the device goes by is written in it. */
const TAG = /^(?:UUID|LABEL|PARTUUID|PARTLABEL)=/;
/** The function of initramfs-tools that makes a device of such a name; older ones look for udev's links instead. */
const RESOLVE = /^resolve_device\s*\(\)\s*\{([\s\S]*?)^\}/m;

/**
 * The program that the image's own scripts find `/` with; null where they need none: `root=` is a path, or udev's links
 * lead to it.
 */
export function rootResolver({ tree, generator }: ImageFacts, cmdline: CommandLine | null): 'blkid' | null {
  if (generator !== 'initramfs-tools' || cmdline === null || !TAG.test(lastValue(cmdline, 'root') ?? '')) return null;
  const body = RESOLVE.exec(tree.text('scripts/functions') ?? '')?.[1] ?? '';
  return /^[^#\n]*\bblkid\b/m.test(body) ? 'blkid' : null;
}
