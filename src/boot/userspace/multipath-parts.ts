import type { ImageFacts, ImageTree } from '../../image/types.ts';
import { defaultOf, readMultipathConf } from '../multipath-conf.ts';
import { findProgram, runsSystemd } from './programs.ts';
import { startedUnits } from './started-units.ts';
import { missingPrograms, udevRules } from './udev-rules.ts';

/** What makes one device of the paths in dracut's images, as far as it is missing: the daemon, what it opens, what starts it. */
export function missingDaemon(image: ImageFacts): readonly string[] {
  const { tree } = image;
  if (findProgram(tree, 'multipathd') === null) return ['the program multipathd'];
  return [...missingPlugins(tree), ...missingStarter(tree), ...missingAnswer(tree)];
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

/** What rules ask whether a disk is a path. */
const ASKS = /\bmultipath -[uc]\b/;

/**
 * Whether a disk is no path to the image's rules unless `multipath` says that it is one: multipathd leaves it alone then. So have
 * it the rules of multipath-tools 0.11; with those of 0.9 multipathd finds its paths by itself.
 */
export function goesByAnswer(tree: ImageTree): boolean {
  return linesOfRules(tree).some((line) => /!="\?\*".*ENV\{DM_MULTIPATH_DEVICE_PATH\}="0"/.test(line));
}

function missingAnswer(tree: ImageTree): readonly string[] {
  if (!goesByAnswer(tree)) return [];
  const missing = linesOfRules(tree).flatMap((line) => (ASKS.test(line) ? missingPrograms(tree, line) : []));
  return [...new Set(missing)].map((path) => `the program ${path}, by which udev's rules tell paths`);
}

function linesOfRules(tree: ImageTree): readonly string[] {
  return (udevRules(tree) ?? []).flatMap(({ lines }) => lines);
}

/**
 * Whether udev takes the paths of a multipath disk for no more than that, so that nothing is found on them: by rules that ask
 * `multipath -u` (EL 7: `-c`). `all`: every disk, or those that the image has on record; `some`: as multipath finds them.
 */
export function claimsPaths(tree: ImageTree): 'all' | 'some' | 'none' {
  const rules = udevRules(tree);
  const asks = rules === null || rules.some(({ lines }) => lines.some((line) => ASKS.test(line)));
  if (!asks || findProgram(tree, 'multipath') === null) return 'none';
  const onRecord = /^\/[^/\s]+\/$/m.test(tree.text('etc/multipath/wwids') ?? '');
  const found = defaultOf(readMultipathConf(tree.text('etc/multipath.conf') ?? ''), 'find_multipaths');
  return onRecord || /^(?:no|0|off|greedy)$/.test(found ?? '') ? 'all' : 'some';
}
