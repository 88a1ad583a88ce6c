// @ts-check
// Run on a throwaway host: begins rebuilds, kills each at its moment, and tells what was found and how the next run went.
//   node kill-rebuilds.mjs '{"bundle": …, "disk": …, "image": …, "old": …, "next": …, "moments": [{"share": 0.5, "whom": "all"}]}'
// `old` and `next` are whole images: what lies at `image` must be one of them, byte for byte, at all times.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, basename, join } from 'node:path';

/** @typedef {{share: number, whom: 'all' | 'bellwether'}} Moment `share` of the time that a whole run takes */

const { bundle, disk, image, old, next, moments } = JSON.parse(process.argv[2] ?? '');
const REQUEST = JSON.stringify({ protocol: 1, op: 'rebuild', params: { when: 'always' } });

/** @param {string} path */
const hash = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');
const WHOLE = new Map([
  [hash(old), 'old'],
  [hash(next), 'new'],
]);
/** Every state of a run, by the files beside the image, in the order that it goes through them. */
const BUILT = `.bellwether-${basename(image)}.new`;

function begin() {
  const child = spawn('/bin/sh', ['-c', disk, 'sh', process.execPath, bundle, 'call'], { detached: true });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.resume();
  child.stdin.on('error', () => undefined); // it was killed before it read
  child.stdin.end(REQUEST);
  /** @type {Promise<string>} */
  const ended = new Promise((resolve) => child.on('close', () => resolve(stdout)));
  /** @type {Promise<void>} */
  const gone = new Promise((resolve) => child.on('exit', () => resolve()));
  return { pid: /** @type {number} */ (child.pid), ended, gone };
}

/** A process and all that it started, whatever group they are in. @param {number} top */
function family(top) {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        try {
          const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
          return [[Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])]];
        } catch {
          return []; // it has ended since
        }
      }),
  );
  const found = [top];
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child);
  return found;
}

/** @param {readonly number[]} pids */
function kill(pids) {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has ended since
    }
  }
}

function reset() {
  copyFileSync(old, `${image}.lab`);
  renameSync(`${image}.lab`, image);
}

async function whole() {
  reset();
  const start = Date.now();
  const answer = JSON.parse(await begin().ended);
  if (answer.error !== null) throw new Error(JSON.stringify(answer));
  return Date.now() - start;
}

const left = () => readdirSync(dirname(image)).filter((name) => name.startsWith('.bellwether-'));

await whole();
/** Of the last runs that went to their end: a machine that others use is as fast as it is at the moment. */
const durations = [await whole(), await whole()];
const expected = () => durations.slice(-3).reduce((sum, each, _, all) => sum + each / all.length, 0);
const outcomes = [];
for (const { share, whom } of /** @type {Moment[]} */ (moments)) {
  reset();
  const run = begin();
  await new Promise((resolve) => setTimeout(resolve, share * expected()));
  kill(whom === 'all' ? family(run.pid) : [run.pid]);
  await run.gone;
  const found = WHOLE.get(hash(image)) ?? 'broken';
  const beside = left();
  const stage =
    found === 'new'
      ? 'in place'
      : beside.includes(BUILT)
        ? 'beside'
        : existsSync('/var/lib/bellwether/build')
          ? 'building'
          : 'looking';
  const start = Date.now();
  const follow = JSON.parse(await begin().ended);
  durations.push(Date.now() - start);
  outcomes.push({
    share,
    whom,
    found,
    stage,
    error: follow.error,
    after: WHOLE.get(hash(image)) ?? 'broken',
    left: [...left(), ...(existsSync('/var/lib/bellwether') ? ['/var/lib/bellwether'] : [])],
    backup: WHOLE.get(hash(join(dirname(image), `${basename(image)}.bellwether-backup`))) ?? 'broken',
  });
}
console.log(JSON.stringify({ duration: Math.round(expected()), outcomes }));
