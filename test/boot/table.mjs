// @ts-check
// What has been booted, by the hash of what was booted: committed, so that nothing is booted twice.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const TABLE = fileURLToPath(new URL('./results.json', import.meta.url));
/** Of the storage stacks, which have a runner of their own. */
export const STACK_TABLE = fileURLToPath(new URL('./results-stacks.json', import.meta.url));
/** Of the mutations that were booted. */
export const MUTATION_TABLE = fileURLToPath(new URL('./results-mutation.json', import.meta.url));

/** Of the guests that mended themselves. */
export const MEND_TABLE = fileURLToPath(new URL('./results-mend.json', import.meta.url));

/** Of what real loaders decide. */
export const LOADER_TABLE = fileURLToPath(new URL('./results-loaders.json', import.meta.url));

/**
 * @typedef {object} Row
 * @property {string} base
 * @property {import('./sample.mjs').SampleName | 'catalogue' | 'stacks' | 'mutation' | 'mend' | 'loaders' | null} sample null: the sound image itself
 * @property {number} seed
 * @property {string | null} entry
 * @property {string | null} fault
 * @property {boolean | null} boots null: two boots gave no verdict
 * @property {string} line the console line that decided it
 * @property {'healthy' | 'unhealthy' | 'unknown'} verdict
 * @property {string[]} findings codes of what is fatal
 * @property {string} [case] of the catalogue and the stacks: the case by name
 * @property {string | null} [planted] of the catalogue: the code of the fault; null: none, it nearly breaks a rule
 * @property {string} [next] of the loaders: the entry that is judged to boot next
 * @property {string[]} [passed] the peers that would let it pass (peers.mjs)
 * @property {string} [about] of the catalogue: the rule that the case tries
 * @property {string} [where] of mutations: what of the image was hit
 * @property {{boots: boolean | null, line: string, verdict: string, findings: string[]}} [before] of the mended: what was
 *   before, the row's own being after; the verdict is the guest's own
 * @property {readonly object[]} [rounds] of the mended: as the answer to the repair has them
 */

/**
 * Seeds from here on were drawn when the rules stood, by nobody who had looked at them: the last of these samples in force
 * comes last. Their rows keep the verdict of the day, whatever rules they have taught since.
 */
const KEPT_BACK = [
  { from: 20_001, name: 'kept back' },
  { from: 21_001, name: 'kept back anew' },
  { from: 22_001, name: 'kept back once more' },
  { from: 23_001, name: 'kept back last' },
  { from: 24_001, name: 'kept back after all' },
  { from: 25_001, name: 'kept back at the end' },
  { from: 26_001, name: 'kept back on volumes' },
  { from: 27_001, name: 'kept back at last' },
  { from: 28_001, name: 'kept back since' },
  { from: 29_001, name: 'kept back on later releases' },
  { from: 30_001, name: 'kept back on all' },
  { from: 31_001, name: 'kept back in the end' },
];

/** Of which of these samples a row is; null: of none. @param {Pick<Row, 'seed'>} row */
export const keptBack = ({ seed }) => KEPT_BACK.filter(({ from }) => seed >= from).pop()?.name ?? null;

/**
 * Adds a row to a table that others may be adding theirs to.
 * @param {string} key
 * @param {Row} row
 * @param {(old: Row, key: string) => boolean} [replaces] which rows go for it
 */
export function addRow(key, row, replaces = () => false, file = TABLE) {
  const table = Object.entries(readTable(file)).filter(([known, old]) => known === key || !replaces(old, known));
  writeTable({ ...Object.fromEntries(table), [key]: row }, file);
}

/** @returns {Record<string, Row>} */
export function readTable(file = TABLE) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

/** @param {Readonly<Record<string, Row>>} table */
export function writeTable(table, file = TABLE) {
  const order = (/** @type {Row} */ { base, sample, seed, about = '', case: name = '' }) =>
    `${base} ${sample ?? ''} ${String(seed).padStart(12, '0')} ${about} ${name}`;
  const rows = Object.entries(table).sort(([, a], [, b]) => (order(a) < order(b) ? -1 : 1));
  const lines = rows.map(([id, row]) => `  ${JSON.stringify(id)}: ${JSON.stringify(row)}`);
  writeFileSync(`${file}.part`, `{\n${lines.join(',\n')}\n}\n`);
  renameSync(`${file}.part`, file);
}
