// @ts-check
// The verdict on what boots next: the bundle judges the tree that the guest captured of itself, with the loader's files in
// it and a case's changes made to them.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { printed } from '../judge.mjs';

/** @typedef {import('./disk.mjs').Change} Change */
/**
 * @typedef {import('../judge.mjs').Judgement & {next: string}} Judgement
 *   `next`: the entry that is judged to boot next; empty where none is
 */

/**
 * @param {{root: string, files: string}} base
 * @param {readonly Change[]} changes
 * @param {string} bundle
 * @returns {Promise<Judgement>}
 */
export async function judge(base, changes, bundle) {
  const root = mkdtempSync(join(tmpdir(), 'bellwether-judge-'));
  try {
    for (const from of [base.root, base.files]) cpSync(from, root, { recursive: true, verbatimSymlinks: true });
    for (const { path, content } of changes) {
      rmSync(join(root, path), { force: true });
      if (content === null) continue;
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    untell(
      root,
      changes.map(({ path }) => path),
    );
    return verdictIn(await printed([bundle, 'check', '--root', root, '--format', 'json']));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/**
 * The capture tells nothing any more of files that were changed: what is there is read.
 * @param {string} root
 * @param {readonly string[]} paths
 */
function untell(root, paths) {
  const manifest = join(root, 'bellwether-capture.json');
  const told = JSON.parse(readFileSync(manifest, 'utf8'));
  for (const path of paths) {
    delete told.files[path];
    for (const key of Object.keys(told.derived)) if (key.endsWith(`:${path}`)) delete told.derived[key];
  }
  writeFileSync(manifest, JSON.stringify(told));
}

/**
 * @param {string} text
 * @returns {Judgement}
 */
function verdictIn(text) {
  const answer = JSON.parse(text);
  if (answer.error !== null) throw new Error(`bellwether: ${answer.error.message}`);
  /** @type {{default: boolean, entry: string | null, kernel: string} | undefined} */
  const next = answer.kernels.find((/** @type {{default: boolean}} */ one) => one.default);
  const fatal = answer.findings.filter((/** @type {{severity: string}} */ { severity }) => severity === 'fatal');
  return {
    verdict: answer.verdict,
    findings: fatal.map((/** @type {{code: string}} */ { code }) => code),
    next: next?.entry ?? '',
  };
}
