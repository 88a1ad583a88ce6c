// @ts-check
// The verdict on a case: the bundle judges the tree that the guest captured of itself, with the case's image in it.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './bases.mjs';

/** @typedef {Pick<import('./bases.mjs').Base, 'root' | 'kernel'>} Base */
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
  const work = copyOf(base);
  /** The image lies at one place: who asks meanwhile waits. @type {Promise<unknown>} */
  let last = Promise.resolve();
  return {
    /**
     * @param {string} image
     * @param {{append?: string, edit?: ((root: string) => void) | null}} [changes] to the captured tree, so that it tells
     *   what boots: the command line of its entry, and what else a case changes
     */
    async judge(image, { append = ROOT, edit = null } = {}) {
      if (append === ROOT && edit === null) {
        const turn = last.then(() => {
          cpSync(image, placeOf(work, base));
          return check(bundle, work, base.kernel);
        });
        last = turn.catch(() => undefined);
        return turn;
      }
      const own = copyOf(base);
      try {
        cpSync(image, placeOf(own, base));
        const grub = join(own, 'boot/grub/grub.cfg');
        writeFileSync(grub, readFileSync(grub, 'utf8').replace(ROOT, append));
        edit?.(own);
        return await check(bundle, own, base.kernel);
      } finally {
        rmSync(own, { recursive: true, force: true });
      }
    },
    end: () => rmSync(work, { recursive: true, force: true }),
  };
}

/** @param {string} root @param {Base} base */
const placeOf = (root, { kernel }) => join(root, 'boot', `initrd.img-${kernel}`);

/**
 * The captured tree, less what it tells of the image that the guest was captured with: the case's own lies there.
 * @param {Base} base
 */
function copyOf(base) {
  const work = mkdtempSync(join(tmpdir(), 'bellwether-judge-'));
  cpSync(base.root, work, { recursive: true, verbatimSymlinks: true });
  const manifest = join(work, 'bellwether-capture.json');
  const told = JSON.parse(readFileSync(manifest, 'utf8'));
  delete told.files[`/boot/initrd.img-${base.kernel}`];
  writeFileSync(manifest, JSON.stringify(told));
  return work;
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
export function printed(args) {
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
