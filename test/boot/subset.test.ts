import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import { BUNDLE } from '../setup/build.mjs';
import { whyNot } from '../setup/cache.mjs';
import { describeUnless } from '../support/where.ts';
import { judgeCase, openBase } from './cases.mjs';
import { SAMPLES, random, type SampleName } from './sample.mjs';
import { readTable } from './table.mjs';

/** Those that are built of this machine's own packages, and no chroot. */
const BASES = ['dracut-059', 'dracut-059-systemd'] as const;
const CASES = 8;
/** A guest that does not arrive spends most of its time waiting. */
const GUESTS = 3;
const LIMIT_MS = 20 * 60_000;
const SEED = Number(process.env.BELLWETHER_BOOT_SEED ?? Math.floor(Math.random() * 1_000_000));

jest.setTimeout(LIMIT_MS);

const work = mkdtempSync(join(tmpdir(), 'bellwether-subset-'));
afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

interface Drawn {
  readonly base: (typeof BASES)[number];
  readonly sample: SampleName;
  readonly seed: number;
}

/** Rows of the table, chosen by a seed: what was told apart once is told apart again. A guest that hangs takes minutes to be sure of. */
function drawn(): Drawn[] {
  const known = Object.values(readTable()).flatMap(({ base: its, sample: own, seed, boots, line }): Drawn[] => {
    const base = BASES.find((name) => name === its);
    const sample = Object.keys(SAMPLES).find((name) => name === own);
    const told = boots !== null && !line.startsWith('hangs');
    return base === undefined || !isSample(sample) || !told ? [] : [{ base, sample, seed }];
  });
  const next = random(SEED);
  return known
    .map((one) => ({ one, at: next() }))
    .sort((one, other) => one.at - other.at)
    .slice(0, CASES)
    .map(({ one }) => one);
}

function isSample(name: string | undefined): name is SampleName {
  return name !== undefined && name in SAMPLES;
}

describeUnless(whyNot(...BASES.map((name) => `boot-${name}`)), 'the verdict', () => {
  test(`agrees with a real boot in ${CASES} cases of the table`, async () => {
    const bundle = join(work, 'bellwether.cjs');
    copyFileSync(BUNDLE, bundle);
    const open = new Map(BASES.map((name) => [name, openBase(name, bundle)]));
    const cases = drawn();
    const disagreeing: string[] = [];
    let told = 0;
    const worker = async (at: number): Promise<void> => {
      for (let one = cases.shift(); one !== undefined; one = cases.shift()) {
        const here = open.get(one.base);
        if (here === undefined) throw new Error(`${one.base} is not open`);
        const { head, verdict, findings, boot } = await judgeCase(one, here, join(work, `image-${at}`));
        const { boots, line } = await boot();
        if (boots !== null) told += 1;
        const said = `${one.base} ${one.sample} ${one.seed} (${head.fault ?? ''} ${head.entry ?? ''}): ${verdict} (${findings.join(', ')}), ${line}`;
        process.stdout.write(`${said}\n`);
        const wrong = (verdict === 'healthy' && boots === false) || (verdict === 'unhealthy' && boots === true);
        if (wrong) disagreeing.push(said);
      }
    };
    await Promise.all(Array.from({ length: GUESTS }, (_, at) => worker(at)));
    for (const { judge } of open.values()) judge.end();
    process.stdout.write(`booted ${CASES} cases, ${told} of them told (seed ${SEED})\n`);
    expect(disagreeing).toEqual([]);
    // A machine that is too busy tells nothing; it must not tell nothing of most.
    expect(told).toBeGreaterThan(CASES / 2);
  });
});
