/** Runs a grub.cfg as far as its menu goes: which entries there are, and what the variables are at the end. */
import { firstText, parseGrubScript, type Statement } from './grub-script.ts';
import { expandWords } from './grub-words.ts';
import { parseSearch, titleAndId } from './grub-arguments.ts';
import { testCondition, type FileTest } from './grub-test.ts';

export interface LoadCommand {
  readonly name: string;
  readonly words: readonly string[];
}

export interface MenuEntry {
  readonly kind: 'entry';
  readonly title: string;
  /** From `--id`; null where there is none. */
  readonly id: string | null;
  readonly source: string;
  readonly commands: readonly LoadCommand[];
  /**
   * What the entry loads at first, where it saves a variable by which it loads something else, `commands`, at the next
   * start; null where it always loads the same.
   */
  readonly first: readonly LoadCommand[] | null;
  /** The device that paths without one are on when the entry runs. */
  readonly root: string;
  readonly unresolved: readonly string[];
}

export type MenuItem =
  | MenuEntry
  | {
      readonly kind: 'submenu';
      readonly title: string;
      readonly id: string | null;
      readonly items: readonly MenuItem[];
    }
  /** Where `blscfg` puts the entries of the Boot Loader Specification. */
  | { readonly kind: 'bls' };

export interface GrubMenu {
  readonly items: readonly MenuItem[];
  readonly variables: ReadonlyMap<string, string>;
}

/** What a script may look at outside itself. Paths are as the script writes them, variables expanded. */
export interface GrubFiles extends FileTest {
  /** The text of a script; null where absent. */
  script(path: string): string | null;
  environment(path: string): ReadonlyMap<string, string>;
  /** Whether GRUB could save variables there: an environment block is there to be written over. */
  savable(path: string): boolean;
  /** How a script is to be named in sources. */
  name(path: string): string;
}

/** Statements that are run at most: a script that sources itself ends. */
const MAX_STEPS = 20_000;
/** Scripts inside scripts. */
const MAX_DEPTH = 8;
const FEATURES = ['menuentry_id', 'all_video_module', 'timeout_style', 'default_font_path', 'platform_search_hint'];

/** @param path how the script is to be named in sources; `directory` is what `$prefix` and `$config_directory` hold */
export function runGrubConfig(
  script: string,
  options: { path: string; directory: string; platform: 'efi' | 'pc'; files: GrubFiles },
): GrubMenu {
  const { files } = options;
  const variables = new Map<string, string>([
    ...FEATURES.map((name): [string, string] => [`feature_${name}`, 'y']),
    ['grub_platform', options.platform],
    ['prefix', options.directory],
    ['config_directory', options.directory],
    ['root', ''],
  ]);
  const functions = new Map<string, readonly Statement[]>();
  /** What was saved since it was last looked at. */
  const saved = new Map<string, string>();
  let steps = 0;
  let depth = 0;

  function run(statements: readonly Statement[], path: string, items: MenuItem[]): void {
    for (const statement of statements) {
      steps += 1;
      if (steps > MAX_STEPS) return;
      if (statement.kind === 'if') {
        const taken = statement.branches.find((branch) => holds(branch.condition, path, items));
        run(taken?.body ?? statement.otherwise, path, items);
      } else if (statement.kind === 'function') {
        functions.set(statement.name, statement.body);
      } else {
        runCommand(statement, path, items);
      }
    }
  }

  function holds(condition: readonly Statement[], path: string, items: MenuItem[]): boolean {
    const last = condition[condition.length - 1];
    run(condition.slice(0, -1), path, items);
    if (last?.kind !== 'command') return false;
    const [name, ...words] = expandWords(last.words, variables);
    if (name === '[') return testCondition(words.slice(0, words[words.length - 1] === ']' ? -1 : undefined), files);
    if (name === 'test') return testCondition(words, files);
    if (name === 'search' || name === 'true') {
      runCommand(last, path, items);
      return true;
    }
    return false;
  }

  function runCommand(statement: Extract<Statement, { kind: 'command' }>, path: string, items: MenuItem[]): void {
    const [name, ...words] = expandWords(statement.words, variables);
    switch (name) {
      case 'set':
        for (const word of words) assign(word);
        break;
      case 'unset':
        for (const word of words) variables.delete(word);
        break;
      case 'load_env':
        for (const [key, value] of files.environment(environmentOf(words))) variables.set(key, value);
        break;
      case 'save_env':
        if (!files.savable(environmentOf(words))) break;
        for (const word of words) if (variables.has(word)) saved.set(word, variables.get(word) ?? '');
        break;
      case 'search': {
        const found = parseSearch(words);
        if (found !== null) variables.set(found.variable, found.device);
        break;
      }
      case 'search.fs_uuid':
      case 'search.fs_label':
        // What grub-install writes to the EFI partition: the name, then the variable.
        if (words[0] !== undefined)
          variables.set(words[1] ?? 'root', `${name === 'search.fs_uuid' ? 'UUID' : 'LABEL'}=${words[0]}`);
        break;
      case 'source':
      case 'configfile':
      case '.': {
        runScript(words[0] ?? '', items);
        break;
      }
      case 'blscfg':
      case 'bls_import':
        // `blscfg default` and `blscfg non-default` together make what `blscfg` makes; one place is enough.
        if (!items.some((item) => item.kind === 'bls')) items.push({ kind: 'bls' });
        break;
      case 'menuentry':
        items.push(menuEntry(statement, words, path));
        break;
      case 'submenu': {
        const inside: MenuItem[] = [];
        run(statement.block ?? [], path, inside);
        items.push({ kind: 'submenu', ...titleAndId(words), items: inside });
        break;
      }
      default:
        if (name !== undefined && words.length === 0 && /^\w+=/.test(name)) assign(name);
    }
  }

  /** A script run by another sees its own folder in `$config_directory`. */
  function runScript(path: string, items: MenuItem[]): void {
    const text = depth < MAX_DEPTH ? files.script(path) : null;
    if (text === null) return;
    const directory = variables.get('config_directory') ?? '';
    variables.set('config_directory', path.slice(0, path.lastIndexOf('/')));
    depth += 1;
    run(parseGrubScript(text), files.name(path), items);
    depth -= 1;
    variables.set('config_directory', directory);
  }

  function assign(word: string): void {
    const equals = word.indexOf('=');
    if (equals > 0) variables.set(word.slice(0, equals), word.slice(equals + 1));
  }

  /** The file that load_env and save_env mean. */
  function environmentOf(words: readonly string[]): string {
    const flag = words.findIndex((word) => word === '-f' || word === '--file');
    return flag === -1 ? `${variables.get('prefix') ?? ''}/grubenv` : (words[flag + 1] ?? '');
  }

  /**
   * An entry's block is run with the variables of the end of the script: here it is only expanded, later. Where it saves
   * variables, as Ubuntu's does that boots without an image first, it is run once more as after a start that failed.
   */
  function menuEntry(
    statement: Extract<Statement, { kind: 'command' }>,
    words: readonly string[],
    path: string,
  ): MenuEntry {
    saved.clear();
    const first = runEntry(statement.block ?? [], path, new Map());
    const again = saved.size === 0 ? first : runEntry(statement.block ?? [], path, new Map(saved));
    const same = JSON.stringify(first.commands) === JSON.stringify(again.commands);
    return {
      kind: 'entry',
      ...titleAndId(words),
      source: `${path}:${statement.line}`,
      ...again,
      first: same ? null : first.commands,
    };
  }

  /** @param more variables beside those of the script; all are as they were afterwards */
  function runEntry(
    block: readonly Statement[],
    path: string,
    more: ReadonlyMap<string, string>,
  ): Pick<MenuEntry, 'commands' | 'root' | 'unresolved'> {
    const before = new Map(variables);
    for (const [key, value] of more) variables.set(key, value);
    const unresolved = new Set<string>();
    const commands: LoadCommand[] = [];
    const collect = (statements: readonly Statement[]): void => {
      for (const inner of statements) {
        if (inner.kind === 'function') continue;
        if (inner.kind === 'if') {
          const taken = inner.branches.find((branch) => holds(branch.condition, path, []));
          collect(taken?.body ?? inner.otherwise);
          continue;
        }
        const [name, ...rest] = expandWords(inner.words, variables, (missing) => {
          if (LOADS.test(firstText(inner))) unresolved.add(missing);
        });
        if (name === undefined) continue;
        if (LOADS.test(name)) commands.push({ name, words: rest });
        else if (IN_ENTRIES.has(name)) runCommand(inner, path, []);
        else run(functions.get(name) ?? [], path, []);
      }
    };
    collect(block);
    const root = variables.get('root') ?? '';
    variables.clear();
    for (const [key, value] of before) variables.set(key, value);
    return { commands, root, unresolved: [...unresolved].sort() };
  }

  const items: MenuItem[] = [];
  run(parseGrubScript(script), options.path, items);
  return { items, variables };
}

/** Commands that load something to boot: linux, linux16, linuxefi, initrd…, and Xen's. */
const LOADS = /^(?:linux|initrd)(?:16|efi)?$|^(?:multiboot2?|module2?|chainloader)$/;

/** What else of an entry counts for what it loads. */
const IN_ENTRIES = new Set(['set', 'search', 'load_env', 'save_env']);
