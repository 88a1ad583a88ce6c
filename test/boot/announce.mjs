// @ts-check
// What a run of the boot lab has to build or download before its first boot: said before it begins, with how large it is.
import { mkdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { CACHE } from '../setup/cache.mjs';
import { missingSteps } from '../setup/steps.mjs';

/** What the steps take in the cache, in MiB, rounded up from what they took here. @type {readonly (readonly [RegExp, number])[]} */
const SIZES = [
  [/^boot-loader-parts$/, 100],
  [/^boot-mend-/, 700],
  [/^boot-/, 500],
  [/^chroot-/, 400],
  [/^kernel$/, 600],
];

/**
 * Says on stderr what is not in the cache yet; nothing where all is there.
 * @param {readonly string[]} steps
 */
export async function tellMissing(steps) {
  const sized = (await missingSteps(steps)).flatMap((step) => {
    const size = SIZES.find(([pattern]) => pattern.test(step))?.[1];
    return size === undefined ? [] : [{ step, size }];
  });
  if (sized.length === 0) return;
  mkdirSync(CACHE, { recursive: true });
  const { bavail, bsize } = await statfs(CACHE);
  const needed = sized.reduce((sum, { size }) => sum + size, 0);
  console.error(
    [
      `not there yet, and built first: ${sized.map(({ step }) => step).join(', ')}`,
      `they take about ${inGib(needed * 2 ** 20)} in ${CACHE} (BELLWETHER_CACHE names another place), where ${inGib(bavail * bsize)} are free`,
    ].join('\n'),
  );
}

/** @param {number} bytes */
const inGib = (bytes) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
