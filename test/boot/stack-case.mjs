// @ts-check
// What a case of the storage stacks is, and the words that they are told in.

/** @typedef {import('./stack-bases.mjs').StackName} StackName */
/**
 * @typedef {object} StackCase
 * @property {string} name
 * @property {string | null} code the fault that is planted; null: the guest is sound, or has a flaw that harms nobody
 * @property {boolean | null} boots what is to be expected; null: the boot alone tells
 * @property {Partial<Record<StackName, Given>>} on
 *
 * @typedef {readonly (string | RegExp)[] | {append?: (commandLine: string) => string, files?: Readonly<Record<string, string>>}} Given
 *   members to remove, or the command line changed and files added
 */

/** @param {...string} names */
export const modules = (...names) => names.map((name) => new RegExp(`^usr/lib/modules/.*/${name}\\.ko(?:\\.\\w+)?$`));
/** @param {...string} names */
export const rules = (...names) => names.map((name) => new RegExp(`/udev/rules\\.d/${name}\\.rules$`));
/** @param {string} name */
export const program = (name) => [new RegExp(`^usr/s?bin/${name}$`)];

/** @param {RegExp} word @param {string} by */
export const replaced = (word, by) => ({
  append: (/** @type {string} */ commandLine) => {
    const changed = commandLine.replace(word, by).replace(/ +/g, ' ').trim();
    if (changed === commandLine) throw new Error(`nothing changed in: ${commandLine}`);
    return changed;
  },
});

/** @param {Readonly<Record<string, string>>} files */
export const added = (files) => ({ files });

/** @param {string} code @param {string} name @param {StackCase['on']} on @returns {StackCase} */
export const fault = (code, name, on, boots = /** @type {boolean | null} */ (false)) => ({ name, code, boots, on });
/** @param {string} name @param {StackCase['on']} on @returns {StackCase} */
export const nearMiss = (name, on) => ({ name, code: null, boots: true, on });
