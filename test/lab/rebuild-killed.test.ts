import { expect, jest, test } from '@jest/globals';
import { BUNDLE } from '../setup/build.mjs';
import { whyNot } from '../setup/cache.mjs';
import { imagePath } from '../setup/images.mjs';
import { SHOWN_DISK, standIn, whyNoBootableHost, withBootableHost } from '../support/bootable-host.ts';
import { kills } from '../support/kills.ts';
import { describeUnless } from '../support/where.ts';

jest.setTimeout(3_600_000);

/** Half of them spread evenly over a run, half at random over its second half, in which files change. */
const COUNT = 2 * Math.round(kills() / 3);
const SEED = Number(process.env.BELLWETHER_SEED ?? Date.now() % 1_000_000);
const DRIVER = new URL('../support/kill-rebuilds.mjs', import.meta.url).pathname;

interface Moment {
  readonly share: number;
  readonly whom: 'all' | 'bellwether';
}

interface Outcome extends Moment {
  readonly found: string;
  readonly stage: string;
  readonly error: unknown;
  readonly after: string;
  readonly left: readonly string[];
  readonly backup: string;
}

/** Park and Miller's generator: the same moments for the same seed. */
function numbersFrom(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

function moments(): readonly Moment[] {
  const random = numbersFrom(SEED);
  const shares = [
    ...Array.from({ length: COUNT / 2 }, (_, index) => (index + 0.5) / (COUNT / 2)),
    ...Array.from({ length: COUNT / 2 }, () => (1 + random()) / 2),
  ];
  return shares.map((share, index) => ({ share, whom: index % 2 === 0 ? 'all' : 'bellwether' }));
}

/** On a host of its own. */
function killAt(
  some: readonly Moment[],
): Promise<{ readonly duration: number; readonly outcomes: readonly Outcome[] }> {
  return withBootableHost(async (host) => {
    const [old, next] = ['/srv/old', '/srv/next'];
    await host.sh(`cp ${imagePath('small')} ${old}; gzip -dc ${old} | zstd -q -1 > ${next}`);
    await host.layGenerator(standIn('sleep 0.3', 'sleep 0.1'));
    const task = { bundle: BUNDLE, disk: SHOWN_DISK, image: host.image, old, next, moments: some };
    const told = await host.run(process.execPath, [DRIVER, JSON.stringify(task)], { timeout: 3_500_000 });
    return JSON.parse(told) as { duration: number; outcomes: Outcome[] };
  }, 'generic');
}

describeUnless(whyNot('images') ?? whyNoBootableHost(), 'a rebuild that is killed', () => {
  test('leaves the whole old image or the whole new one, and the next run clears what it left', async () => {
    const all = moments();
    const halves = await Promise.all([0, 1].map((half) => killAt(all.filter((_, index) => (index >> 1) % 2 === half))));
    const outcomes = halves.flatMap((half) => half.outcomes);
    const count = (test: (outcome: Outcome) => boolean): number => outcomes.filter(test).length;
    const stages = [...new Set(outcomes.map(({ stage }) => stage))].sort();
    process.stderr.write(
      `killed ${outcomes.length} rebuilds of ${halves.map(({ duration }) => duration).join(' and ')} ms (seed ${SEED}): ` +
        `${count(({ found }) => found === 'old')} found the old image, ${count(({ found }) => found === 'new')} the new, ` +
        `${count(({ found }) => found === 'broken')} neither; ${stages
          .map((stage) => `${count((outcome) => outcome.stage === stage)} while ${stage}`)
          .join(', ')}\n`,
    );
    expect(outcomes).toHaveLength(COUNT);
    expect(outcomes.filter(({ found }) => found === 'broken')).toEqual([]);
    const failed = outcomes.filter(
      ({ error, after, left, backup }) => error !== null || after !== 'new' || left.length > 0 || backup === 'broken',
    );
    expect(failed).toEqual([]);
    // Moments that all fall before anything is written prove nothing.
    const built = count(({ stage }) => stage === 'building' || stage === 'beside');
    const placed = count(({ stage }) => stage === 'in place');
    expect(Math.min(built, placed)).toBeGreaterThan(outcomes.length / 20);
  });
});
