import type { ImageTree } from '../../image/types.ts';
import { onceFor } from '../once-for.ts';
import { conditionsOf, type Condition } from './unit-conditions.ts';

/** What of a unit decides what is started next. Specified in systemd.unit(5), systemd.service(5), systemd.socket(5). */
export interface Unit {
  /** `Requires=`, `BindsTo=` and the links of its `.requires` folders: it does not start without these. */
  readonly requires: readonly string[];
  /** `Wants=`, `Upholds=`, `OnSuccess=`, a socket's service, and the links of its `.wants` folders. */
  readonly wants: readonly string[];
  /** `AssertPathExists=` of plain paths. */
  readonly asserts: readonly string[];
  /** What has to be so for its commands to be run. */
  readonly conditions: readonly Condition[];
  /** `ExecStart=` in order. */
  readonly commands: readonly Command[];
}

export interface Command {
  /** An absolute path, or the name of a program. */
  readonly program: string;
  readonly words: readonly string[];
  /** `-`: a failure counts as success. */
  readonly mayFail: boolean;
}

/** Where systemd looks for units, the first first. */
const FOLDERS = [
  'etc/systemd/system',
  'run/systemd/system',
  'usr/local/lib/systemd/system',
  'usr/lib/systemd/system',
  'lib/systemd/system',
] as const;

/** A unit by its name; null where there is none to load, or it is masked; `unread` where its text was not kept. */
export function loadUnit(tree: ImageTree, name: string): Unit | null | 'unread' {
  const fragment = findFragment(tree, name);
  if (fragment === null || fragment === 'unread') return fragment;
  const settings = parse([fragment.text, ...dropIns(tree, name)].join('\n'));
  const words = (key: string) =>
    (settings.get(key) ?? []).flatMap((value) => value.split(/\s+/)).filter((word) => word !== '');
  const names = [...new Set([name, fragment.name])];
  return {
    requires: [...words('Unit.Requires'), ...words('Unit.BindsTo'), ...linked(tree, names, 'requires')],
    wants: [
      ...words('Unit.Wants'),
      ...words('Unit.Upholds'),
      ...words('Unit.OnSuccess'),
      ...(name.endsWith('.socket') ? [words('Socket.Service')[0] ?? name.replace(/socket$/, 'service')] : []),
      ...linked(tree, names, 'wants'),
    ],
    asserts: words('Unit.AssertPathExists').filter((path) => path.startsWith('/')),
    conditions: conditionsOf(settings),
    commands: (settings.get('Service.ExecStart') ?? []).flatMap((line) => commandOf(line) ?? []),
  };
}

/** The file that a unit's name leads to, and what that file is called. */
function findFragment(
  tree: ImageTree,
  name: string,
): { readonly text: string; readonly name: string } | null | 'unread' {
  const template = name.replace(/@[^.]+\./, '@.');
  for (const candidate of new Set([name, template])) {
    for (const folder of FOLDERS) {
      const path = `${folder}/${candidate}`;
      const link = tree.resolve(folder);
      const direct = link.found ? tree.entries.get(`${link.entry.path}/${candidate}`) : undefined;
      if (direct?.target === '/dev/null') return null;
      const at = tree.resolve(path);
      if (!at.found || at.entry.type !== 'file') continue;
      if (at.entry.size === 0) return null; // masked, too
      const text = tree.text(path);
      return text === null ? 'unread' : { text, name: at.entry.path.split('/').pop() ?? candidate };
    }
  }
  return null;
}

function dropIns(tree: ImageTree, name: string): readonly string[] {
  const kind = name.split('.').pop() ?? '';
  return [kind, name].flatMap((above) =>
    children(tree, `${above}.d`)
      .filter((file) => file.endsWith('.conf'))
      .map((file) => tree.text(file) ?? ''),
  );
}

function linked(tree: ImageTree, names: readonly string[], kind: 'wants' | 'requires'): readonly string[] {
  return names.flatMap((name) => children(tree, `${name}.${kind}`)).map((path) => path.split('/').pop() ?? '');
}

/** The paths in a folder of this name, in all places where units lie. */
function children(tree: ImageTree, folder: string): readonly string[] {
  return foldersOf(tree).get(folder) ?? [];
}

/** Files below folders beside units, by the name of the folder; found once for each tree. */
const foldersOf = onceFor((tree: ImageTree): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, string[]>();
  for (const path of tree.entries.keys()) {
    const folder =
      /^(?:etc|run|usr\/lib|usr\/local\/lib|lib)\/systemd\/system\/([^/]+\.(?:wants|requires|d))\/[^/]+$/.exec(
        path,
      )?.[1];
    if (folder !== undefined) found.set(folder, [...(found.get(folder) ?? []), path]);
  }
  return found;
});

/** `Section.Key` → its values in order; an empty one forgets those before it. NUL ends a line as a newline does. */
function parse(text: string): ReadonlyMap<string, readonly string[]> {
  const settings = new Map<string, string[]>();
  let section = '';
  for (const line of text.replace(/\\\r?\n\s*/g, ' ').split(/[\n\0]/)) {
    const head = /^\s*\[(.+)\]\s*$/.exec(line)?.[1];
    if (head !== undefined) section = head;
    const [, key, value = ''] = /^\s*([A-Za-z]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key === undefined) continue;
    const at = `${section}.${key}`;
    settings.set(at, value === '' ? [] : [...(settings.get(at) ?? []), value]);
  }
  return settings;
}

function commandOf(line: string): Command | null {
  const [, prefix = '', rest = ''] = /^([-@:+!|]*)(.*)$/.exec(line) ?? [];
  const [program, ...more] = rest.split(/\s+/);
  if (program === undefined || program === '') return null;
  // `@`: the next word is what the program is told that it is called.
  return { program, words: prefix.includes('@') ? more.slice(1) : more, mayFail: prefix.includes('-') };
}
