// @ts-check
// Runs the programs that set-up steps need: quiet, with what they said in the error.
import { spawn } from 'node:child_process';

const NETWORK_TROUBLE =
  /temporary failure|could not resolve|timed? ?out|connection (reset|refused|aborted)|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|unable to fetch|failed to fetch|remote end closed|network is unreachable|50[234] /i;

/**
 * Runs one program without a shell.
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, input?: string, timeout?: number}} [options] `timeout` in milliseconds
 * @returns {Promise<string>} what it printed on stdout; rejects with the first and the last lines of its output
 */
export function run(file, args, { cwd, env, input = '', timeout = 600_000 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env: { ...process.env, LC_ALL: 'C.UTF-8', ...env }, timeout });
    let stdout = '';
    let all = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      all += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => (all += text));
    child.stdin.on('error', () => undefined); // a program need not read what it is given
    child.stdin.end(input);
    child.on('error', reject);
    child.on('close', (status, signal) => {
      if (status === 0) return resolve(stdout);
      const lines = all.trimEnd().split('\n');
      // npm says the cause first and explains itself at length; most others say it last.
      const end = (lines.length <= 30 ? lines : [...lines.slice(0, 10), '…', ...lines.slice(-20)]).join('\n');
      reject(new Error(`${[file, ...args].join(' ')} ended with ${signal ?? status}\n${end}`));
    });
  });
}

/**
 * Runs a program that needs the network, once more where the network failed it.
 * @type {typeof run}
 */
export async function runOnline(file, args, options) {
  try {
    return await run(file, args, options);
  } catch (error) {
    if (!(error instanceof Error) || !NETWORK_TROUBLE.test(error.message)) throw error;
    return run(file, args, options);
  }
}

/**
 * Whether a program is on PATH.
 * @param {string} name
 */
export function hasProgram(name) {
  return run('sh', ['-c', 'command -v -- "$1"', 'sh', name]).then(
    () => true,
    () => false,
  );
}
