// @ts-check
// The verdict on a case: the bundle judges the tree that the guest captured of itself, with the case's image in it.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @typedef {import('./bases.mjs').Base} Base */
/**
 * @typedef {{verdict: 'healthy' | 'unhealthy' | 'unknown', findings: string[]}} Judgement
 *   `findings`: codes of what is fatal, as the answer orders them
 */

/**
 * A throwaway copy of what a base captured, at which images are judged one after another.
 * @param {Base} base
 * @param {string} bundle
 */
export function judgeOf(base, bundle) {
  const work = mkdtempSync(join(tmpdir(), 'bellwether-judge-'));
  cpSync(base.root, work, { recursive: true, verbatimSymlinks: true });
  const place = join(work, 'boot', `initrd.img-${base.kernel}`);
  return {
    /** @param {string} image */
    judge(image) {
      cpSync(image, place);
      return check(bundle, work, base.kernel);
    },
    end: () => rmSync(work, { recursive: true, force: true }),
  };
}

/**
 * @param {string} bundle
 * @param {string} root
 * @param {string} kernel
 * @returns {Promise<Judgement>}
 */
async function check(bundle, root, kernel) {
  const answer = JSON.parse(await printed([bundle, 'check', '--root', root, '--kernel', kernel, '--format', 'json']));
  const judged = answer.kernels.find((/** @type {{kernel: string}} */ one) => one.kernel === kernel);
  const fatal = answer.findings.filter((/** @type {{severity: string}} */ { severity }) => severity === 'fatal');
  return { verdict: judged.verdict, findings: fatal.map((/** @type {{code: string}} */ { code }) => code) };
}

/**
 * @param {readonly string[]} args
 * @returns {Promise<string>} what is on stdout, whatever the exit status
 */
function printed(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let trouble = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (trouble += text));
    child.on('error', reject);
    child.on('close', (status) =>
      output === '' ? reject(new Error(`bellwether ended with ${status}: ${trouble.trim()}`)) : resolve(output),
    );
  });
}
