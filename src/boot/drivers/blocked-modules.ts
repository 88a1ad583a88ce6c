import { valuesOf } from '../command-line.ts';
import type { ImageFacts } from '../../image/types.ts';
import type { BootFacts } from '../types.ts';

/** Something that keeps a module from being loaded. */
export interface Block {
  /** In words: `module_blacklist=…` of the command line, or a file of the image. */
  readonly by: string;
  /** `always`, or `by_alias` alone: for hardware, file systems and ciphers, not where it is asked for by its name. */
  readonly when: 'always' | 'by_alias';
}

/** By module name: what the command line and the image's modprobe.d keep out (modprobe.d(5), dracut.cmdline(7)). */
export function blockedModules({ image, cmdline }: BootFacts): ReadonlyMap<string, Block> {
  const blocked = new Map<string, Block>();
  const block = (name: string, by: string, when: Block['when']) => {
    const module = name.replaceAll('-', '_');
    if (module !== '' && blocked.get(module)?.when !== 'always') blocked.set(module, { by, when });
  };
  for (const key of ['modprobe.blacklist', 'rd.driver.blacklist', 'rdblacklist'])
    for (const value of cmdline === null ? [] : valuesOf(cmdline, key))
      for (const name of value.split(',')) block(name, `${key}=${value}`, 'by_alias');
  for (const value of cmdline === null ? [] : valuesOf(cmdline, 'module_blacklist'))
    for (const name of value.split(',')) block(name, `module_blacklist=${value}`, 'always');
  for (const path of settingsOf(image)) {
    for (const line of (image?.tree.text(path) ?? '').split('\n')) {
      const [word, name = '', command = ''] = line.trim().split(/\s+/);
      if (word === 'blacklist') block(name, path, 'by_alias');
      // What runs another command may well load the module in the end; these never do.
      if (word === 'install' && /^(\/usr)?\/s?bin\/(true|false)$/.test(command)) block(name, path, 'always');
    }
  }
  return blocked;
}

/** Files of modprobe.d: one in /etc takes the place of one of the same name in /usr/lib. */
function settingsOf(image: ImageFacts | null): readonly string[] {
  const byName = new Map<string, string>();
  for (const folder of ['lib', 'usr/lib', 'run', 'etc'])
    for (const path of image?.tree.entries.keys() ?? [])
      if (path.startsWith(`${folder}/modprobe.d/`) && path.endsWith('.conf'))
        byName.set(path.slice(path.lastIndexOf('/') + 1), path);
  return [...byName.values()];
}
