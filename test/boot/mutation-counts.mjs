// @ts-check
// How all mutations of a run were judged, counted by what was hit and how.
import { renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FAULTS } from './mutate.mjs';

const FILE = fileURLToPath(new URL('./results-mutation-judged.json', import.meta.url));

/**
 * @typedef {{base: string, seed: number, entry: string | null, where: string, fault: import('./mutate.mjs').Fault, words: string}
 *   & import('./judge.mjs').Judgement} Judged
 * @typedef {{where: string, fault: string, healthy: number, unhealthy: number, unknown: number, first: Record<string, number>}} Count
 *   `first`: how often which code was the first fatal one
 */

/**
 * @param {readonly Judged[]} judged
 * @returns {Count[]}
 */
export function counted(judged) {
  const wheres = [...new Set(judged.map(({ where }) => where))].sort();
  return wheres.flatMap((where) =>
    FAULTS.flatMap((fault) => {
      const those = judged.filter((one) => one.where === where && one.fault === fault);
      if (those.length === 0) return [];
      /** @type {Count} */
      const count = { where, fault, healthy: 0, unhealthy: 0, unknown: 0, first: {} };
      for (const { verdict, findings } of those) {
        count[verdict] += 1;
        const [code] = findings;
        if (code !== undefined) count.first[code] = (count.first[code] ?? 0) + 1;
      }
      return [count];
    }),
  );
}

/**
 * @param {{from: number, count: number}} seeds
 * @param {readonly Judged[]} judged
 */
export function writeCounts({ from, count }, judged) {
  const lines = counted(judged).map((one) => `    ${JSON.stringify(one)}`);
  writeFileSync(
    `${FILE}.part`,
    `{\n  "seeds": [${from}, ${from + count - 1}],\n  "judged": [\n${lines.join(',\n')}\n  ]\n}\n`,
  );
  renameSync(`${FILE}.part`, FILE);
}
