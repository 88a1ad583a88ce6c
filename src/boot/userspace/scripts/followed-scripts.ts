import type { ImageTree } from '../../../image/types.ts';
import { lastValue } from '../../command-line.ts';
import type { CommandLine } from '../../types.ts';
import { onceForTree } from '../../once-for.ts';
import { isExecutable } from '../programs.ts';
import { readScript, withoutNuls, type Command, type Script } from './shell-script.ts';

/** What becomes of an init that is a script, followed through all that it is sure to read in and to run. */
export interface Followed {
  /** Scripts that are read in or run on every boot, by path. */
  readonly texts: ReadonlyMap<string, string>;
  /** Files that are read in (`.`) and are not there: a shell that is no terminal ends there. */
  readonly missing: readonly Trouble[];
  /** Files that are read in and end in the middle of a command. Most shells end there; bash (`survivable`) does, or goes on. */
  readonly damaged: readonly Trouble[];
  readonly survivable: boolean;
  /** What all these scripts define, by name, each with the script whose definition counts: the last that is read in. */
  readonly functions: ReadonlyMap<string, string>;
  /** Programs that are called on every boot, by name, each with the script that does. */
  readonly programs: ReadonlyMap<string, string>;
}

export interface Trouble {
  /** A path. */
  readonly what: string;
  /** The script that asks for it. */
  readonly by: string;
}

const HOOK_FOLDERS = ['/lib/dracut/hooks', '/var/lib/dracut/hooks'] as const;
/** What a boot makes while it runs is not in its image. */
const MADE_AT_BOOT = /^\/(?:run|tmp|dev|proc|sys|var|root|sysroot)\//;

/**
 * Follows /init, as dracut (without systemd) and initramfs-tools write it. Null where it is no script, or one that is not
 * understood: of what it does then nothing is known.
 */
export function followScripts(tree: ImageTree, init: string, cmdline: CommandLine | null): Followed | null {
  return followedOf(tree, `${init} ${cmdline?.text ?? ''}`, () => follow(tree, init, cmdline));
}

const followedOf = onceForTree<Followed | null>();

function follow(tree: ImageTree, init: string, cmdline: CommandLine | null): Followed | null {
  const at = tree.resolve(init);
  const text = at.found ? tree.text(init) : null;
  if (!at.found || !text?.startsWith('#!')) return null;
  const shell = tree.resolve('/bin/sh');
  const walk = new Walk(tree, cmdline, shell.found && shell.entry.path.endsWith('/bash'));
  walk.readIn(at.entry.path, text, 'the kernel');
  return walk.understood ? walk.finish() : null;
}

class Walk {
  understood = true;
  readonly #tree: ImageTree;
  readonly #boot: string;
  readonly #texts = new Map<string, string>();
  readonly #functions = new Map<string, { readonly body: readonly Command[]; readonly by: string }>();
  readonly #read = new Map<string, Script>();
  readonly #called = new Set<string>();
  readonly #programs = new Map<string, string>();
  readonly #missing: Trouble[] = [];
  readonly #damaged: Trouble[] = [];
  readonly #inBash: boolean;

  constructor(tree: ImageTree, cmdline: CommandLine | null, inBash: boolean) {
    this.#tree = tree;
    this.#inBash = inBash;
    this.#boot = wayOf(cmdline);
  }

  finish(): Followed {
    return {
      texts: this.#texts,
      missing: this.#missing,
      damaged: this.#damaged,
      survivable: this.#inBash,
      functions: new Map([...this.#functions].map(([name, { by }]) => [name, by])),
      programs: this.#programs,
    };
  }

  /** `.`: what is read in goes on in the same shell. */
  readIn(path: string, text: string, by: string): void {
    const again = this.#read.get(path);
    const script = again ?? this.#parse(path, text, by);
    if (script === null) return;
    // Read in once more, it defines its functions anew, over those of others.
    for (const [name, body] of script.functions) this.#functions.set(name, { body, by: path });
    if (again !== undefined) return;
    this.#read.set(path, script);
    this.#run(script.commands, path);
    // dracut's init goes through the hooks that mount in a loop, until one has.
    if (/\/mount\/\*\.sh|list_hooks "?mount\b/.test(text)) this.#hooks('mount', path);
  }

  #parse(path: string, text: string, by: string): Script | null {
    const plain = withoutNuls(text);
    this.#texts.set(path, plain);
    const script = readScript(plain);
    if (script === null) this.understood = false;
    if (script?.cutOff === true) this.#damaged.push({ what: path, by });
    return script;
  }

  #run(commands: readonly Command[], by: string): void {
    commands.forEach(({ words, certain }, at) => {
      // Scripts of a folder are run behind "unless they have been already", libraries read in behind `type NAME ||`.
      const asked = commands[at - 1];
      const isGuarded = words[0] === '.' && asked?.certain === true && /^(?:type|command)$/.test(asked.words[0] ?? '');
      const isKnown = isGuarded && asked.words.some((word) => this.#functions.has(word));
      if (certain || words[0] === 'run_scripts' || (isGuarded && !isKnown)) this.#call(words.map(unquote), by);
    });
  }

  #call([name = '', argument = '']: readonly string[], by: string): void {
    if (name === '.' || name === 'source') this.#source(argument, by);
    else if (name.startsWith('/scripts/')) this.#execute(name);
    const known = this.#functions.get(name);
    if (known === undefined) {
      if (!this.#programs.has(name)) this.#programs.set(name, by);
      return;
    }
    if (name === 'source_hook') this.#hooks(argument, by);
    if (name === 'run_scripts') this.#ordered(argument, by);
    if (this.#called.has(name)) return;
    this.#called.add(name);
    this.#run(known.body, known.by);
  }

  #source(argument: string, by: string): void {
    const path = argument.replace(/\$\{?BOOT\}?/, this.#boot);
    if (!path.startsWith('/') || path.includes('$')) return;
    const at = this.#tree.resolve(path);
    if (!at.found) {
      if (!MADE_AT_BOOT.test(path)) this.#missing.push({ what: path, by });
      return;
    }
    const text = this.#tree.text(path);
    if (text === null) this.understood = false;
    else this.readIn(at.entry.path, text, by);
  }

  /** dracut's: every file of the hook's folders is read in; where it has the second, the first may be a link to it. */
  #hooks(hook: string, by: string): void {
    const paths = HOOK_FOLDERS.flatMap((folder) => this.#below(`${folder}/${hook}`));
    for (const path of new Set(paths)) if (path.endsWith('.sh')) this.#source(`/${path}`, by);
  }

  /** initramfs-tools': the folder's ORDER is read in, and runs its scripts; without the folder there is nothing to do. */
  #ordered(folder: string, by: string): void {
    if (this.#tree.resolve(folder).found) this.#source(`${folder}/ORDER`, by);
  }

  #execute(path: string): void {
    const at = this.#tree.resolve(path);
    const text = this.#tree.text(path);
    if (!at.found || !isExecutable(at.entry) || text === null) return; // a shell goes on without
    this.#texts.set(at.entry.path, text);
  }

  #below(folder: string): readonly string[] {
    const at = this.#tree.resolve(folder);
    if (!at.found) return [];
    const start = `${at.entry.path}/`;
    return [...this.#tree.entries.keys()].filter(
      (path) => path.startsWith(start) && !path.slice(start.length).includes('/'),
    );
  }
}

/** Which of initramfs-tools' scripts is to mount /: `boot=`, and the disks of this machine without. */
export function wayOf(cmdline: CommandLine | null): string {
  return (cmdline === null ? null : lastValue(cmdline, 'boot')) ?? 'local';
}

function unquote(word: string): string {
  return word.replace(/^(["'])(.*)\1$/, '$2');
}
