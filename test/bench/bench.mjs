// @ts-check
// npm run bench: a full check as a whole process against programs that only list an image, in one run on one machine.
// Prints a table with its own targets and marks what falls short. Ratios, never times, are what it holds us to.
// BELLWETHER_BENCH_RUNS: how often each is run (5), the median counts.
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { hasProgram } from '../setup/command.mjs';
import { imagePath } from '../setup/images.mjs';
import { kernels } from '../setup/kernels.mjs';
import { setUp } from '../setup/steps.mjs';
import { measure, median } from './measure.mjs';
import { benchMend } from './mend.mjs';
import { DECOMPRESSORS, doubledImage, threecpio, twoKernelHost } from './peers.mjs';

const BUNDLE = fileURLToPath(new URL('../../dist/bellwether.cjs', import.meta.url));
const RUNS = Number(process.env.BELLWETHER_BENCH_RUNS ?? 5);
const MAX_PEAK = 120;

/** At most this part of the peer's time. */
const TARGETS = /** @type {const} */ ({
  gzip: { threecpio: 0.9, lsinitrd: 0.1 },
  xz: { threecpio: 0.8 },
  zstd: { threecpio: 1.5 },
  lz4: { threecpio: 1.5 },
});

for (const step of ['build', 'images']) {
  const { reason } = await setUp(step);
  if (reason !== null) {
    console.error(`the bench needs ${step}: ${reason}`);
    process.exit(1);
  }
}
const peer = await threecpio().catch((/** @type {Error} */ error) => {
  console.error(`3cpio cannot be built: ${error.message}`);
  return null;
});
const lister = (await hasProgram('lsinitrd')) ? 'lsinitrd' : null;
const { version, dir } = kernels().generic;
/** @param {string} image */
const check = (image) => [BUNDLE, 'check', '--root', dir, '--kernel', version, '--image', image, '--format', 'json'];

let short = 0;
/**
 * @param {string} name
 * @param {number} value
 * @param {number | null} target at most
 * @param {string} [unit]
 */
function report(name, value, target, unit = '') {
  const missed = target !== null && value > target;
  if (missed) short++;
  const figure = `${value.toFixed(value < 10 ? 2 : 0)}${unit}`;
  const wanted = target === null ? '' : `target ${target}${unit}`;
  console.log(`  ${name.padEnd(46)}${figure.padStart(10)}  ${wanted.padEnd(16)}${missed ? 'FALLS SHORT' : ''}`);
}

/**
 * Several commands by turns, so that what else the machine does falls on all of them.
 * @param {Record<string, readonly [string, readonly string[]]>} commands
 * @returns {Promise<Record<string, number>>} median seconds of each
 */
async function race(commands, runs = RUNS) {
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let i = 0; i < runs; i++)
    for (const [name, [file, args]] of Object.entries(commands)) times[name]?.push((await measure(file, args)).seconds);
  return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]));
}

console.log(
  `bellwether check, whole process, against listing alone; medians of ${RUNS} runs, node ${process.version}\n`,
);
for (const [compression, targets] of Object.entries(TARGETS)) {
  const image = imagePath(/** @type {'generic-gzip'} */ (`generic-${compression}`));
  const [decompressor, ...args] = DECOMPRESSORS[/** @type {keyof typeof DECOMPRESSORS} */ (compression)];
  /** @type {Record<string, readonly [string, readonly string[]]>} */
  const commands = { check: [process.execPath, check(image)], bare: [decompressor, [...args, image]] };
  if (peer !== null) commands['3cpio'] = [peer, ['-t', image]];
  const seconds = await race(commands);
  if (lister !== null && 'lsinitrd' in targets) Object.assign(seconds, await race({ lsinitrd: [lister, [image]] }, 1));
  const ours = seconds.check ?? NaN;
  console.log(`${compression} (${(statSync(image).size / 1e6).toFixed(0)} MB)`);
  for (const [name, value] of Object.entries(seconds)) report(name, value, null, ' s');
  if (seconds['3cpio'] !== undefined) report('check / 3cpio -t', ours / seconds['3cpio'], targets.threecpio);
  if (seconds.lsinitrd !== undefined && 'lsinitrd' in targets)
    report('check / lsinitrd', ours / seconds.lsinitrd, targets.lsinitrd);
  report(
    'peak memory',
    (await measure(process.execPath, check(image), { memory: true })).peakMiB ?? NaN,
    MAX_PEAK,
    ' MiB',
  );
  console.log();
}

console.log('twice as much');
const doubled = await measure(process.execPath, check(await doubledImage()), { memory: true });
report('peak memory of an image twice as large', doubled.peakMiB ?? NaN, MAX_PEAK, ' MiB');
const { root, versions } = twoKernelHost();
/** @param {readonly string[]} wanted */
const checkHost = (wanted) => [
  BUNDLE,
  'check',
  '--root',
  root,
  '--format',
  'json',
  ...wanted.flatMap((one) => ['--kernel', one]),
];
const both = await race({
  one: [process.execPath, checkHost(versions.slice(0, 1))],
  two: [process.execPath, checkHost(versions)],
});
report('two images / one', (both.two ?? NaN) / (both.one ?? NaN), 1.3);

console.log('\nstart');
const starts = await race({
  version: [process.execPath, [BUNDLE, '--version']],
  empty: [process.execPath, ['-e', '0']],
});
report('bellwether --version', (starts.version ?? NaN) * 1000, null, ' ms');
report('node -e 0', (starts.empty ?? NaN) * 1000, null, ' ms');
const bundle = readFileSync(BUNDLE);
report('bundle', bundle.length / 1024, null, ' KiB');
report('bundle, gzip', gzipSync(bundle).length / 1024, null, ' KiB');

console.log('\nmending, on an EL-like sheep with dnf 4 and dracut');
const { reason: noSheep } = await setUp('rpms');
if (noSheep === null) {
  const mend = await benchMend(RUNS);
  report('lock, nothing to do / dnf lists locks, resolves', mend.lock, 1.5);
  report('reinstall, nothing to do / dnf lists, rpm -V', mend.reinstall, 1.5);
  report('rebuild / generator and one check', mend.rebuild, 1.1);
} else console.log(`  not measured: ${noSheep}`);
console.log(short === 0 ? '\nall targets met' : `\n${short} of the targets missed`);
