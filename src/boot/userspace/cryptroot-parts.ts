import type { ImageFacts, ImageTree } from '../../image/types.ts';
import { CRYPTROOT_TABLE, keyScriptOf, tableLines } from '../cryptroot.ts';
import { isWhole, runsOrdered } from './ordered-scripts.ts';
import { findExecutable, findProgram } from './programs.ts';

const FUNCTIONS = 'lib/cryptsetup/functions';

/** What of cryptsetup-initramfs an image lacks to unlock a volume, in words. */
export function missingCryptroot(image: ImageFacts): readonly string[] {
  const { tree } = image;
  // While the root is waited for, a script of local-block calls this one again: without it, neither does anything.
  const runs = runsOrdered(tree, 'cryptroot', ['local-top']);
  return [
    ...missingCryptsetup(tree),
    ...(runs ? [] : ['the script that sets it up (scripts/local-top/cryptroot)']),
    ...missingTable(tree),
    ...missingFunctions(tree),
    ...programsOfTable(image)
      .filter((path) => findExecutable(tree, [path]) === null)
      .map((path) => `the program ${path}`),
  ];
}

/** Programs that ask for the passphrases of the image's table, or make its keys; each once. */
export function programsOfTable(image: ImageFacts): readonly string[] {
  const lines = tableLines(image) ?? [];
  const scripts = lines.flatMap((line) => keyScriptOf(line) ?? []);
  const asks = lines.some((line) => line.keyFile === null && keyScriptOf(line) === null);
  return [...new Set([...scripts, ...(asks ? ['/lib/cryptsetup/askpass'] : [])])];
}

/** What is unlocked is listed in the image; a list of nothing unlocks nothing. */
function missingTable(tree: ImageTree): readonly string[] {
  for (const path of [CRYPTROOT_TABLE, 'conf/conf.d/cryptroot']) {
    const at = tree.resolve(path);
    if (at.found && at.entry.size > 0) return [];
  }
  return [`the list of what to unlock (${CRYPTROOT_TABLE})`];
}

/** By the path that its functions call it by. */
function missingCryptsetup(tree: ImageTree): readonly string[] {
  const path = /(?<![\w/])\/(?:usr\/)?sbin\/cryptsetup\b/.exec(tree.text(FUNCTIONS) ?? '')?.[0];
  const found = path === undefined ? findProgram(tree, 'cryptsetup') : findExecutable(tree, [path]);
  return found === null ? [`the program ${path ?? 'cryptsetup'}`] : [];
}

/** The script goes away without a word where it does not find them, and ends where they are cut off. */
function missingFunctions(tree: ImageTree): readonly string[] {
  if (tree.text('scripts/local-top/cryptroot')?.includes(`/${FUNCTIONS}`) !== true) return [];
  const text = tree.text(FUNCTIONS);
  const whole = tree.resolve(FUNCTIONS).found && (text === null || isWhole(text));
  return whole ? [] : [`the functions of its script (/${FUNCTIONS})`];
}
