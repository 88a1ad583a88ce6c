import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import { BUNDLE } from '../setup/build.mjs';
import { whyNot } from '../setup/cache.mjs';
import { describeUnless } from '../support/where.ts';
import { judgeCase, openBase, type Case } from './cases.mjs';
import { casesOn } from './catalogue/index.mjs';
import { isWrong } from './kinds.mjs';
import { SAMPLES, random, type SampleName } from './sample.mjs';
import { readTable } from './table.mjs';

/** Those that are built of this machine's own packages, and no chroot. */
const BASES = ['dracut-059', 'dracut-059-systemd'] as const;
const CASES = 8;
/** A guest that does not arrive spends most of its time waiting. */
const GUESTS = 3;
/** No guest is started after that; those that were get as long as they need. */
const BOOTS_MS = 5 * 60_000;
const LIMIT_MS = 20 * 60_000;
const SEED = Number(process.env.BELLWETHER_BOOT_SEED ?? Math.floor(Math.random() * 1_000_000));

jest.setTimeout(LIMIT_MS);

const work = mkdtempSync(join(tmpdir(), 'bellwether-subset-'));
afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

type Ours = Case & { readonly base: (typeof BASES)[number] };

/** Rows of the table, chosen by a seed: what was told apart once is told apart again. A guest that hangs takes minutes to be sure of. */
function drawn(): Ours[] {
  const known = Object.values(readTable()).flatMap(({ base: its, sample: own, seed, boots, line }): Ours[] => {
    const base = ourBase(its);
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

/** Cases of the catalogue that no row tells of: whoever adds one sees it booted before the table does. */
function unbooted(): Ours[] {
  const rows = new Set(Object.values(readTable()).map((row) => `${row.base} ${row.case ?? ''}`));
  return casesOn(BASES).flatMap((one): Ours[] => {
    const base = ourBase(one.base);
    return base === undefined || rows.has(`${base} ${one.name}`) ? [] : [{ base, name: one.name }];
  });
}

function ourBase(base: string): Ours['base'] | undefined {
  return BASES.find((name) => name === base);
}

function isSample(name: string | undefined): name is SampleName {
  return name !== undefined && name in SAMPLES;
}

describeUnless(whyNot(...BASES.map((name) => `boot-${name}`)), 'the verdict', () => {
  test(`agrees with a real boot in ${CASES} cases of the table, and in those that it does not have`, async () => {
    const bundle = join(work, 'bellwether.cjs');
    copyFileSync(BUNDLE, bundle);
    const open = new Map(BASES.map((name) => [name, openBase(name, bundle)]));
    const added = unbooted();
    const cases = [...drawn(), ...added];
    const ends = Date.now() + BOOTS_MS;
    const disagreeing: string[] = [];
    let booted = 0;
    let told = 0;
    const worker = async (at: number): Promise<void> => {
      while (Date.now() < ends) {
        const one = cases.shift();
        if (one === undefined) return;
        const here = open.get(one.base);
        if (here === undefined) throw new Error(`${one.base} is not open`);
        const { head, verdict, findings, boot } = await judgeCase(one, here, join(work, `image-${at}`));
        const { boots, line } = await boot();
        booted += 1;
        if (boots !== null) told += 1;
        const what = 'name' in one ? `(${one.name})` : `${one.seed} (${head.fault ?? ''} ${head.entry ?? ''})`;
        const said = `${one.base} ${head.sample ?? ''} ${what}: ${verdict} (${findings.join(', ')}), ${line}`;
        process.stderr.write(`${said}\n`);
        if (isWrong({ sample: head.sample, verdict, findings, boots })) disagreeing.push(said);
      }
    };
    await Promise.all(Array.from({ length: GUESTS }, (_, at) => worker(at)));
    for (const { judge } of open.values()) judge.end();
    process.stderr.write(`booted ${booted} cases, ${told} of them told (seed ${SEED}); ${added.length} were new\n`);
    for (const one of cases) process.stderr.write(`no time for ${one.base}: ${'name' in one ? one.name : one.seed}\n`);
    expect(disagreeing).toEqual([]);
    // A machine that is too busy tells nothing; it must not tell nothing of most.
    expect(told).toBeGreaterThan(CASES / 2);
  });
});
