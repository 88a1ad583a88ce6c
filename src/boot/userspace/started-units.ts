import type { ImageTree } from '../../image/types.ts';
import { onceForTree } from '../once-for.ts';
import type { CommandLine } from '../types.ts';
import { findExecutable, findProgram } from './programs.ts';
import { loadUnit, type Command } from './systemd-units.ts';
import { mayRun } from './unit-conditions.ts';

/** What systemd begins with in an image. */
const FIRST_UNITS = ['initrd.target', 'default.target'] as const;

/** What systemd gets done in the image, as far as its units tell. */
export interface Started {
  /** Commands that are run, by the unit that runs them. */
  readonly commands: readonly { readonly unit: string; readonly command: Command }[];
  /** What ends there, in words: units that are not there or cannot start, what nobody but a wish asked for last. */
  readonly dead: readonly string[];
}

/**
 * Follows what systemd starts from the first units on: what they require and want, and what their own commands have
 * `systemctl` start. What a unit's conditions rule out is not run. Null where the text of a unit is not known.
 */
export function startedUnits(tree: ImageTree, cmdline: CommandLine | null): Started | null {
  return startedOf(tree, cmdline?.text ?? '', () => follow(tree, cmdline));
}

const startedOf = onceForTree<Started | null>();

function follow(tree: ImageTree, cmdline: CommandLine | null): Started | null {
  const commands: { unit: string; command: Command }[] = [];
  const dead: string[] = [];
  const wished: string[] = [];
  const seen = new Set<string>();
  const demanded = new Set<string>();
  const todo: string[] = [...FIRST_UNITS];
  for (let name = todo.shift(); name !== undefined; name = todo.shift()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const unit = loadUnit(tree, name);
    if (unit === 'unread') return null;
    const reason = unit === null ? 'it is not there' : whyNotStarted(tree, name);
    if (unit === null || reason !== null) {
      // Most units want some that no image has.
      const absent = unit === null && !demanded.has(name);
      (absent ? wished : dead).push(`${name} (${reason ?? ''})`);
      continue;
    }
    for (const next of unit.requires) demanded.add(next);
    todo.push(...unit.requires, ...unit.wants);
    if (!mayRun(unit.conditions, tree, cmdline)) continue;
    for (const command of unit.commands) {
      if (!isThere(tree, command)) {
        dead.push(`${name} (${command.program} cannot be run)`);
        if (command.mayFail) continue;
        break;
      }
      commands.push({ unit: name, command });
      for (const next of startedBy(command)) {
        demanded.add(next);
        todo.push(next);
      }
    }
  }
  return { commands, dead: [...dead, ...wished] };
}

/**
 * Why a unit fails before it begins, or null. Units that generators make at boot (mounts, devices, swaps, services) are
 * not in an image: of what is required, targets alone are asked for.
 */
function whyNotStarted(tree: ImageTree, name: string, above: readonly string[] = []): string | null {
  const unit = loadUnit(tree, name);
  if (unit === null) return name.endsWith('.target') ? `${name} is not there` : null;
  if (unit === 'unread' || above.includes(name)) return null;
  const lost = unit.asserts.find((path) => /^\/(?:etc|usr|lib)\//.test(path) && !tree.resolve(path).found);
  if (lost !== undefined) return `${lost}, which ${name} insists on, is not there`;
  for (const required of unit.requires) {
    const reason = whyNotStarted(tree, required, [...above, name]);
    if (reason !== null) return reason;
  }
  return null;
}

function isThere(tree: ImageTree, { program }: Command): boolean {
  if (program.includes('%') || program.includes('$')) return true;
  return (program.startsWith('/') ? findExecutable(tree, [program]) : findProgram(tree, program)) !== null;
}

/** `systemctl --no-block start initrd-cleanup.service` */
function startedBy({ program, words }: Command): readonly string[] {
  if (!/(?:^|\/)systemctl$/.test(program)) return [];
  const [verb = '', ...units] = words.filter((word) => !word.startsWith('-'));
  return /^(?:start|restart|isolate)$/.test(verb) ? units : [];
}
