import type { ImageFacts, ImageTree } from '../../image/types.ts';
import { defaultOf, readMultipathConf } from '../multipath-conf.ts';
import { findProgram, runsSystemd } from './programs.ts';
import { startedUnits } from './started-units.ts';
import { udevRules } from './udev-rules.ts';

/** What makes one device of the paths in dracut's images, as far as it is missing: the daemon, what it opens, what starts it. */
export function missingDaemon(image: ImageFacts): readonly string[] {
  const { tree } = image;
  if (findProgram(tree, 'multipathd') === null) return ['the program multipathd'];
  return [...missingPlugins(tree), ...missingStarter(tree)];
}

/** What multipathd opens by name, as its configuration and the disk ask for: without any of a kind no path is ever up. */
const PLUGINS = [
  ['check', 'checks'],
  ['prio', 'ranks'],
] as const;

function missingPlugins(tree: ImageTree): readonly string[] {
  const names = [...tree.entries.keys()].flatMap((path) => /\/multipath\/lib(\w+)\.so$/.exec(path)?.[1] ?? []);
  return PLUGINS.filter(([kind]) => !names.some((name) => name.startsWith(kind))).map(
    ([kind, does]) => `what multipathd ${does} paths with (multipath/lib${kind}*.so)`,
  );
}

function missingStarter(tree: ImageTree): readonly string[] {
  if (!runsSystemd(tree)) return hasHook(tree) ? [] : ['the script that starts multipathd (hooks/pre-trigger)'];
  const commands = startedUnits(tree, null)?.commands;
  const starts = commands?.some(({ command }) => /(?:^|\/)multipathd$/.test(command.program)) ?? true;
  return starts ? [] : ['what starts multipathd (multipathd.service, which sysinit.target wants)'];
}

function hasHook(tree: ImageTree): boolean {
  return [...tree.entries.values()].some(
    ({ path, type }) => type === 'file' && /\/pre-trigger\/\d+-?multipathd\.sh$/.test(path),
  );
}

/**
 * Whether udev takes the paths of a multipath disk for no more than that, so that nothing is found on them: by rules that ask
 * `multipath -u` (EL 7: `-c`). `all`: every disk, or those that the image has on record; `some`: as multipath finds them.
 */
export function claimsPaths(tree: ImageTree): 'all' | 'some' | 'none' {
  const rules = udevRules(tree);
  const asks = rules === null || rules.some(({ lines }) => lines.some((line) => /\bmultipath -[uc]\b/.test(line)));
  if (!asks || findProgram(tree, 'multipath') === null) return 'none';
  const onRecord = /^\/[^/\s]+\/$/m.test(tree.text('etc/multipath/wwids') ?? '');
  const found = defaultOf(readMultipathConf(tree.text('etc/multipath.conf') ?? ''), 'find_multipaths');
  return onRecord || /^(?:no|0|off|greedy)$/.test(found ?? '') ? 'all' : 'some';
}
