/** What an old image tells of how it was built. */
import { ALIASES, CONTENT, PASSED_OVER, type ContentOption } from './dracut-options.ts';
import { readShellWords, type ShellWord } from './read-shell-words.ts';
import type { BuildOption } from './types.ts';

/** How dracut was told to build an image. */
export interface AsBuilt {
  /** null where nothing was said: its configuration decided. The last word counts, as it did then. */
  readonly hostonly: boolean | null;
  /** What says what the image holds, in that order. */
  readonly content: readonly BuildOption[];
  /** What cannot be said again, and why, in words. */
  readonly lost: readonly string[];
}

/** Of a list: no leading dash, nothing that a shell or a list would split; patterns and dracut's `=folder` are words. */
const NAME = /^[=A-Za-z0-9_./*?[^][A-Za-z0-9_.,+*?/=:@%[\]^~-]*$/;
const PATH = /^\/[A-Za-z0-9_.,+/=:@%~ -]*$/;
const TEXT = /^[A-Za-z0-9_./=][A-Za-z0-9_.,+*?/=:@%[\]^~{}!# -]*$/;

/**
 * Reads the arguments that dracut keeps in every image (`usr/lib/dracut/build-parameter.txt`: options as it was given
 * them, each of their values in single quotes). They come from a file that anything may have been written to: what is not
 * known, or of another form, is never repeated.
 */
export function readAsBuilt(buildParameters: string | null): AsBuilt {
  const words = readShellWords(buildParameters ?? '');
  if (words === null) return { hostonly: null, content: [], lost: ['its arguments (a quote in them is left open)'] };
  const lost: string[] = [];
  const content: BuildOption[] = [];
  let hostonly: boolean | null = null;
  for (const { name, values } of optionsOf(words)) {
    if (name === '--hostonly' || name === '--no-hostonly') hostonly = name === '--hostonly';
    if (PASSED_OVER.has(name)) continue;
    const option = CONTENT.get(name);
    const read = option === undefined ? null : valuesOf(option, values);
    if (read === null)
      lost.push(`${shown(name, values)} (${option === undefined ? 'an unknown option' : 'a value of another form'})`);
    else if (option?.takes === 'nothing' || read.length > 0) content.push({ name, values: read });
  }
  return { hostonly, content, lost };
}

interface Given {
  readonly name: string;
  readonly values: readonly string[];
}

/** Values are in quotes: what is not, and starts with a dash, is the next option (`--logfile` is kept without its own). */
function optionsOf(words: readonly ShellWord[]): readonly Given[] {
  const options: { name: string; values: string[] }[] = [];
  for (const { text, quoted } of words) {
    const last = options[options.length - 1];
    if (!quoted && text.startsWith('-')) options.push({ name: ALIASES.get(text) ?? text, values: [] });
    else last?.values.push(text);
  }
  return options;
}

/** Null where they are not of the form that the option asks for. */
function valuesOf({ takes }: ContentOption, given: readonly string[]): readonly string[] | null {
  const all = (form: RegExp, values: readonly string[], count: number): readonly string[] | null =>
    values.length === count && values.every((value) => form.test(value)) ? values : null;
  switch (takes) {
    case 'nothing':
      return all(TEXT, given, 0);
    case 'names':
    case 'items': {
      const names = given.flatMap((value) => value.split(/\s+/)).filter((name) => name !== '');
      return all(NAME, names, names.length);
    }
    case 'file':
      return all(PATH, given, 1);
    case 'copy':
      return all(PATH, given, 2);
    case 'text':
      return all(
        TEXT,
        given.map((value) => value.trim()),
        1,
      );
  }
}

function shown(name: string, values: readonly string[]): string {
  return [name, ...values.map((value) => JSON.stringify(value))].join(' ').slice(0, 200);
}
