import type { ImageTree } from '../../image/types.ts';
import type { CommandLine } from '../types.ts';
import { findExecutable } from './programs.ts';
import { followScripts } from './scripts/followed-scripts.ts';
import { initPathOf } from './start-init.ts';

/** A script starts the daemon: its folder is written out, or is a variable's (dracut: `$systemdutildir`). */
const CALL = /(?:^|\s)(?:"?\$\{?(?<variable>\w+)\}?"?|(?<folder>\/[\w/.-]+))\/systemd-udevd\s[^\n]*--daemon/gm;
const IS_CONF = /^etc\/conf\.d\/[^/]+\.conf$/;

/**
 * Where the scripts of an image call udev's daemon, if it is not there: its path, as they put it together. Null where it is, or
 * where that is not known; also where no script calls it.
 */
export function misledUdevd(tree: ImageTree, cmdline: CommandLine | null): string | null {
  const followed = followScripts(tree, initPathOf(cmdline), cmdline);
  if (followed === null) return null;
  const texts = [...followed.texts.values()];
  const called: string[] = [];
  for (const { groups } of texts.flatMap((text) => [...text.matchAll(CALL)])) {
    const { variable, folder } = groups ?? {};
    const at = folder ?? (variable === undefined ? null : fromConf(tree, texts, variable));
    if (at === null) return null;
    called.push(`${at}/systemd-udevd`);
  }
  return findExecutable(tree, called) === null ? (called[0] ?? null) : null;
}

/** What dracut's `source_conf /etc/conf.d` makes of a variable: nothing, where no file sets it. Null: not known. */
function fromConf(tree: ImageTree, texts: readonly string[], variable: string): string | null {
  const assignment = new RegExp(`^\\s*(?:export\\s+)?${variable}=["']?([^"'\\s;]*)`, 'gm');
  const reads = texts.some((text) => /^\s*source_conf\s+\/?etc\/conf\.d\s*$/m.test(text));
  if (!reads || texts.some((text) => text.search(assignment) !== -1)) return null;
  const files = [...tree.entries.values()]
    .filter(({ path }) => IS_CONF.test(path))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  let value = '';
  for (const { path, size } of files) {
    const text = size === 0 ? '' : tree.text(path);
    if (text === null) return null;
    for (const [, set = ''] of text.matchAll(assignment)) value = set;
  }
  return value;
}
