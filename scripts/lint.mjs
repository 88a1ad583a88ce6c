// Everything that judges the source without running it. All of it runs, and all that fails is shown.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const TOP = fileURLToPath(new URL('..', import.meta.url));
const bin = (name) => `node_modules/.bin/${name}`;

const CHECKS = {
  schemas: [process.execPath, 'scripts/generate.mjs', '--check'],
  types: [bin('tsc'), '--noEmit'],
  eslint: [bin('eslint'), '.'],
  format: [bin('prettier'), '--check', '--log-level', 'warn', '.'],
  'dead code': [bin('knip'), '--no-progress'],
};

/** @returns {Promise<{ok: boolean, output: string}>} */
function runCheck([file, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: TOP, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', (error) => resolve({ ok: false, output: error.message }));
    child.on('close', (status) => resolve({ ok: status === 0, output }));
  });
}

/**
 * Runs every check and prints what the failing ones say.
 * @returns {Promise<{passed: number, failed: number}>}
 */
export async function lint() {
  let failed = 0;
  for (const [name, command] of Object.entries(CHECKS)) {
    const { ok, output } = await runCheck(command);
    if (ok) continue;
    failed += 1;
    console.error(`lint: ${name} failed\n${output.trimEnd()}\n`);
  }
  return { passed: Object.keys(CHECKS).length - failed, failed };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { passed, failed } = await lint();
  console.error(`lint: ${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
