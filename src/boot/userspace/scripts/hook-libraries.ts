import type { ImageTree } from '../../../image/types.ts';
import { readScript, withoutNuls } from './shell-script.ts';

/** Hooks that every boot runs through; those for emergencies, time-outs and shutting down are not among them. */
const ON_THE_WAY =
  /^init$|^(?:usr\/|var\/)?lib\/dracut\/hooks\/(?:cmdline|pre-udev|pre-trigger|pre-mount|mount|pre-pivot|cleanup)\/[^/]+\.sh$/;

/**
 * `. /lib/dracut-lib.sh`, or `type getarg > /dev/null 2>&1 || . /lib/dracut-lib.sh`, at the beginning of a line: what
 * stands deeper is in a function or behind a condition, and may never be run.
 */
const READS_IN = /^(?:(?:type|command -v)\s[^|]*\|\|\s*)?\.\s+"?(\/(?:usr\/)?lib\/[\w./-]+\.sh)"?/;

/** Shell libraries by path, each with the scripts on the way that read it in, and those that these libraries read in. */
export function hookLibraries(tree: ImageTree): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const scripts = [...tree.entries.keys()].filter((path) => ON_THE_WAY.test(path));
  const read = new Set<string>();
  for (let script = scripts.shift(); script !== undefined; script = scripts.shift()) {
    if (read.has(script)) continue;
    read.add(script);
    for (const line of (tree.text(script) ?? '').split('\n')) {
      const library = READS_IN.exec(line)?.[1];
      if (library === undefined) continue;
      found.set(library, [...new Set([...(found.get(library) ?? []), script])]);
      const at = tree.resolve(library);
      if (at.found) scripts.push(at.entry.path);
    }
  }
  return found;
}

export interface DamagedLibrary {
  readonly path: string;
  /** The first of the scripts that read it in. */
  readonly readBy: string;
  /** In words. */
  readonly how: string;
}

/** Those of them that a shell gets nothing out of, or ends in. */
export function damagedLibraries(tree: ImageTree): readonly DamagedLibrary[] {
  return [...hookLibraries(tree)].flatMap(([path, [readBy = '']]) => {
    const kept = tree.text(path);
    if (kept === null) return [];
    const text = withoutNuls(kept);
    if (text.trim() === '') return [{ path, readBy, how: 'it holds nothing' }];
    return readScript(text)?.cutOff === true ? [{ path, readBy, how: 'it ends in the middle of a command' }] : [];
  });
}
