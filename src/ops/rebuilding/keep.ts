import { DECOMPRESSORS } from '../../boot/decompressors.ts';
import type { BootFacts } from '../../boot/types.ts';
import { CONTENT } from '../../builders/dracut-options.ts';
import { readAsBuilt } from '../../builders/keep.ts';
import type { BuildOption } from '../../builders/types.ts';
import { hasProgram, openTree, type HostTree } from '../../host/tree.ts';
import type { Compression } from '../../protocol/messages.ts';

/**
 * The compression of an image's main part, where the kernel that boots it can unpack that; else null.
 * @param path which of the entry's images
 */
export function keepCompression({ image, kernel, host }: BootFacts, path: string): Compression | null {
  const at = image?.files.findIndex((file) => file.path === path) ?? -1;
  const main = image?.segments.find(({ file, early }) => file === at && !early);
  if (main === undefined) return null;
  // mkinitramfs has no word for it; and what is plain round a squashed root says nothing of how that is compressed.
  if (main.compression === 'none')
    return host.generator?.name === 'dracut' && image?.unread.length === 0 ? 'none' : null;
  if (kernel.config === null) return main.compression === 'gzip' ? 'gzip' : null;
  return kernel.config.get(DECOMPRESSORS[main.compression]) === 'y' ? main.compression : null;
}

/** What is said again when an image is rebuilt. */
export interface KeptArguments {
  /** null: not said, or not to be kept. */
  readonly hostonly: boolean | null;
  readonly repeated: readonly BuildOption[];
  /** What the old image was built with and the new one cannot be: in words, with the reason. */
  readonly lost: readonly string[];
}

/**
 * How dracut was told to build the image, as far as it can be said again here: files that it was given must be there
 * still, and the dracut of today must know the option. Nothing where another generator will build it.
 * @param hostonly what is asked for; `keep`, with all that belongs to it, as it was
 */
export function keepArguments({ image, host }: BootFacts, hostonly: boolean | 'keep'): KeptArguments {
  const asked = hostonly === 'keep' ? null : hostonly;
  if (host.generator?.name !== 'dracut') return { hostonly: asked, repeated: [], lost: [] };
  const built = readAsBuilt(image?.dracut?.buildParameters ?? null);
  const version = Number(/^\d+/.exec(host.generator.version ?? '')?.[0] ?? Infinity);
  const tree = openTree(host.root, []);
  const repeated: BuildOption[] = [];
  const lost = [...built.lost];
  for (const option of built.content) {
    const { since, ofHost } = CONTENT.get(option.name) ?? { since: 0, ofHost: false };
    // Asked for otherwise now.
    if (ofHost && hostonly !== 'keep') continue;
    if (version < since) {
      lost.push(`${inWords(option.name, option.values)} (dracut ${version} has no such option)`);
      continue;
    }
    const absent = absentOf(option, tree);
    if (absent.length > 0) lost.push(`${inWords(option.name, absent)} (not there any more)`);
    const values = option.values.filter((value) => !absent.includes(value));
    if (absent.length === 0) repeated.push(option);
    else if (CONTENT.get(option.name)?.takes === 'items' && values.length > 0) repeated.push({ ...option, values });
  }
  return { hostonly: hostonly === 'keep' ? built.hostonly : asked, repeated, lost };
}

/** What of an option's values is no longer on the host. Patterns may match nothing, as they might then. */
function absentOf({ name, values }: BuildOption, tree: HostTree): readonly string[] {
  const isThere = (path: string): boolean => tree.outside(path) !== null;
  switch (CONTENT.get(name)?.takes) {
    case 'file':
      return values.filter((path) => !isThere(path));
    case 'copy':
      return values.slice(0, 1).filter((path) => !isThere(path));
    case 'items':
      return values.filter(
        (item) => !/[*?[\]]/.test(item) && !(item.startsWith('/') ? isThere(item) : hasProgram(tree, item)),
      );
    case 'names':
    case 'nothing':
    case 'text':
    case undefined:
      return [];
  }
}

function inWords(name: string, values: readonly string[]): string {
  return [name, ...values].join(' ');
}
