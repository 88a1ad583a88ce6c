import type { StorageFacts, StorageNode } from '../host/types.ts';
import type { ImageFacts } from '../image/types.ts';
import { valuesOf } from './command-line.ts';
import { parseCrypttab, type CrypttabLine } from './crypttab.ts';
import { findNode, lookUpDevice } from './device-names.ts';
import { nodesBelow } from './storage-stack.ts';
import type { BootFacts, CommandLine } from './types.ts';
import { withoutNuls } from './userspace/scripts/shell-script.ts';

/** The table that cryptsetup-initramfs unlocks volumes by, of the image's own. */
export const CRYPTROOT_TABLE = 'cryptroot/crypttab';

/**
 * The volumes that an image of initramfs-tools unlocks: by `cryptopts=` where the command line has that
 * (scripts/local-top/cryptroot of cryptsetup-initramfs), else by its own table. Null where the image has no such table.
 */
export function cryptrootLines({
  image,
  cmdline,
}: Pick<BootFacts, 'image' | 'cmdline'>): readonly CrypttabLine[] | null {
  if (image?.generator !== 'initramfs-tools') return null;
  return cmdline !== null && replacesTable(cmdline) ? linesOfWords(cmdline) : tableLines(image);
}

/** Those of the image's own table; null where it has none, or keeps it as releases before Debian 10 did. */
export function tableLines({ tree }: ImageFacts): readonly CrypttabLine[] | null {
  const text = tree.text(CRYPTROOT_TABLE);
  return text === null ? null : parseCrypttab(withoutNuls(text));
}

/** Whether the command line says what to unlock: the image's table is passed over then, whatever is said. */
export function replacesTable(cmdline: CommandLine | null): boolean {
  return cmdline !== null && valuesOf(cmdline, 'cryptopts').length > 0;
}

/** `cryptopts=target=NAME,source=DEVICE,key=FILE,…`, each word a volume; they stand in the place of the table. */
function linesOfWords(cmdline: CommandLine): readonly CrypttabLine[] {
  const lines = valuesOf(cmdline, 'cryptopts').map((value) => {
    const options = value.split(',').filter((option) => option !== '');
    const said = (key: string) => options.find((option) => option.startsWith(`${key}=`))?.slice(key.length + 1) ?? null;
    const key = said('key');
    return {
      name: said('target') ?? 'cryptroot',
      device: said('source') ?? '',
      keyFile: key === 'none' ? null : key,
      options: options.filter((option) => !/^(?:target|source|key)=/.test(option)),
    };
  });
  return lines.filter(({ device }) => device !== '');
}

/** Which line unlocks a volume; `undecided` where one names a device that the facts do not tell. */
export function lineOf(
  node: StorageNode,
  lines: readonly CrypttabLine[],
  storage: StorageFacts,
): CrypttabLine | 'absent' | 'undecided' {
  // By its header's UUID the volume itself is known, too.
  const ids = [node, ...nodesBelow(storage, node)].map(({ id }) => id);
  const found = lines.find(({ device }) => ids.includes(findNode(device, storage)?.id ?? ''));
  if (found !== undefined) return found;
  const untold = lines.filter(
    ({ device }) => findNode(device, storage) === null && lookUpDevice(device, storage) !== 'absent',
  );
  return untold.find(({ name }) => name === mappingName(node)) ?? (untold.length > 0 ? 'undecided' : 'absent');
}

/** What a volume is called below /dev/mapper. */
export function mappingName({ name }: StorageNode): string {
  return name.replace(/^\/dev\/mapper\//, '');
}

/** The key script of a line, as a path; null where it has none. One without a folder lies in cryptsetup's own. */
export function keyScriptOf({ options }: CrypttabLine): string | null {
  const script = options.find((option) => option.startsWith('keyscript='))?.slice('keyscript='.length);
  if (script === undefined || script === '') return null;
  return script.startsWith('/') ? script : `/lib/cryptsetup/scripts/${script}`;
}
