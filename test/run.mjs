// npm test [-- SUITE…]: sets up what each suite needs, runs it, and ends with one line a suite, what was skipped by
// name and why, and the totals. Needs Node alone: the first set-up step brings the packages.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lint } from '../scripts/lint.mjs';
import { STEPS, setUp } from './setup/steps.mjs';

const TOP = fileURLToPath(new URL('..', import.meta.url));
const SUITE_TIMEOUT_MS = 30 * 60_000;

const nodeMajors = Object.keys(STEPS).filter((name) => name.startsWith('node-'));

/** In the order that they run, with the set-up steps of each. */
const SUITES = {
  lint: ['npm'],
  unit: ['npm', 'build', 'sheep'],
  smoke: ['npm', 'build', 'sheep', ...nodeMajors],
  lab: ['npm', 'build', 'sheep', 'apt', 'kernel', 'images', 'rpms', 'suse-rpms', 'chroot-forky', 'chroot-trixie'],
  boot: ['npm', 'build', 'apt', 'kernel', 'emulator', 'boot-dracut-059', 'boot-dracut-059-systemd'],
  salt: ['npm', 'build', 'sheep', 'apt', 'kernel', 'images', 'rpms', 'venv-salt-3006', 'venv-salt-3008'],
  ansible: ['npm', 'build', 'sheep', 'apt', 'kernel', 'images', 'rpms', 'venv-ansible-2.16', 'venv-ansible-2.19'],
};
/** The flocks of the others are too large to have two of the same kind at once. */
const ON_EVERY_CORE = new Set(['unit', 'lab']);
/** They wait for other programs as much as they work: side by side. */
const SIDE_BY_SIDE = ['salt', 'ansible'];
/** Without these nothing can be tested: they fail the run wherever it is. */
const INDISPENSABLE = new Set(['npm', 'build']);

const asked = process.argv.slice(2);
const unheard = asked.filter((name) => !(name in SUITES));
if (unheard.length > 0) {
  console.error(`no suite is called ${unheard.join(', ')}; there are ${Object.keys(SUITES).join(', ')}`);
  process.exit(64);
}

const wanted = Object.keys(SUITES).filter((suite) => asked.length === 0 || asked.includes(suite));
const results = [];
for (const suite of wanted.filter((name) => !SIDE_BY_SIDE.includes(name))) results.push(await runSuite(suite));
results.push(...(await Promise.all(wanted.filter((name) => SIDE_BY_SIDE.includes(name)).map(runSuite))));

for (const { suite, passed, failed, skipped } of results) {
  console.log(`${suite}: ${passed} passed, ${failed} failed, ${skipped.length} skipped`);
  for (const line of skipped) console.log(`  skipped: ${line}`);
}
const total = (count) => results.reduce((sum, result) => sum + count(result), 0);
const [passed, failed, skipped] = [total((r) => r.passed), total((r) => r.failed), total((r) => r.skipped.length)];
const ran = (asked.length > 0 ? asked : ['unit']).every(
  (name) => results.find(({ suite }) => suite === name).passed > 0,
);
process.exitCode = failed === 0 && (ran || (asked.length > 0 && skipped > 0)) ? 0 : 1;
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);

async function runSuite(suite) {
  const trouble = await prepare(suite, SUITES[suite]);
  const start = performance.now();
  const result = trouble.stop ? none() : suite === 'lint' ? { ...none(), ...(await lint()) } : await runJest(suite);
  result.failed += trouble.failed;
  console.error(`${suite}: took ${seconds(start)}\n`);
  return { suite, ...result };
}

function none() {
  return { passed: 0, failed: 0, skipped: [] };
}

function seconds(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

/** Does the set-up steps of a suite, two at a time, and tells which could not be done. */
async function prepare(suite, steps) {
  const trouble = { failed: 0, stop: false };
  const queue = [...steps];
  const worker = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const { seconds, did, reason } = await setUp(name);
      if (did && reason === null && seconds > 0.1)
        console.error(`${suite}: set-up ${name} took ${seconds.toFixed(1)} s`);
      if (reason === null) continue;
      console.error(`${suite}: set-up ${name} cannot be had: ${reason}`);
      // Elsewhere the tests that need it are skipped by name. A build machine has root and a network: there it counts.
      const attempted = did || steps.some((other) => other !== name && reason.startsWith(`${other}: `));
      if (INDISPENSABLE.has(name) || (process.env.CI === 'true' && attempted)) trouble.failed += 1;
      if (INDISPENSABLE.has(name)) trouble.stop = true;
    }
  };
  for (const name of INDISPENSABLE) if (queue[0] === name) await setUp(name);
  await Promise.all([worker(), worker()]);
  return trouble;
}

/** Runs one jest project and counts; a jest that crashes, hangs or finds no test has failed. */
async function runJest(suite) {
  const work = mkdtempSync(join(tmpdir(), 'bellwether-test-'));
  const outputFile = join(work, 'results.json');
  const args = [
    '--experimental-vm-modules',
    '--no-warnings',
    'node_modules/jest/bin/jest.js',
    '--selectProjects',
    suite,
    // What waits for other programs shares no port and no folder there: a file on every core.
    ...(ON_EVERY_CORE.has(suite) ? ['--maxWorkers=100%'] : []),
  ];
  try {
    const status = await new Promise((resolve) => {
      const child = spawn(process.execPath, [...args, '--json', '--outputFile', outputFile], {
        cwd: TOP,
        stdio: ['ignore', 'ignore', 'inherit'],
        timeout: SUITE_TIMEOUT_MS,
        killSignal: 'SIGKILL',
      });
      child.on('error', (error) => resolve(error.message));
      child.on('close', (code, signal) => resolve(signal ?? code));
    });
    return count(readFileSync(outputFile, 'utf8'), suite, status);
  } catch (error) {
    console.error(`${suite}: jest left no results: ${error.message}`);
    return { ...none(), failed: 1 };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function count(json, suite, status) {
  const report = JSON.parse(json);
  const result = { ...none(), passed: report.numPassedTests, failed: report.numFailedTests };
  for (const file of report.testResults) {
    // A file that could not be loaded has no tests to fail.
    if (file.status === 'failed' && file.assertionResults.length === 0) result.failed += 1;
    for (const { status: outcome, fullName } of file.assertionResults) {
      if (outcome === 'pending' || outcome === 'todo' || outcome === 'disabled') result.skipped.push(sayWhy(fullName));
    }
  }
  if (result.passed + result.failed + result.skipped.length === 0) {
    console.error(`${suite}: no test was found`);
    result.failed = 1;
  }
  if (status !== 0 && result.failed === 0) {
    console.error(`${suite}: jest ended with ${status}`);
    result.failed = 1;
  }
  return result;
}

/** `group [skipped: why] test` (test/support/where.ts) as `group test: why`. */
function sayWhy(fullName) {
  const [, group, reason, test] = /^(.*?) \[skipped: (.*?)\] ?(.*)$/s.exec(fullName) ?? [];
  return group === undefined ? `${fullName}: no reason given` : `${group} ${test}: ${reason}`;
}
