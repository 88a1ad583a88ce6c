// @ts-check
// What has been booted of the storage stacks, by the hash of what was booted: committed, so that nothing is booted twice.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const TABLE = fileURLToPath(new URL('./results-stacks.json', import.meta.url));

/**
 * @typedef {object} StackRow
 * @property {string} base
 * @property {string | null} case null: the sound image itself
 * @property {string | null} code of the fault that was planted; null: none
 * @property {boolean | null} boots null: two boots gave no verdict
 * @property {string} line the console line that decided it
 * @property {'healthy' | 'unhealthy' | 'unknown'} verdict
 * @property {string[]} findings codes of what is fatal
 */

/** @returns {Record<string, StackRow>} */
export function readStackTable() {
  return existsSync(TABLE) ? JSON.parse(readFileSync(TABLE, 'utf8')) : {};
}

/** @param {Readonly<Record<string, StackRow>>} table */
export function writeStackTable(table) {
  const order = (/** @type {StackRow} */ row) => `${row.base} ${row.case ?? ''}`;
  const rows = Object.entries(table).sort(([, a], [, b]) => (order(a) < order(b) ? -1 : 1));
  const lines = rows.map(([id, row]) => `  ${JSON.stringify(id)}: ${JSON.stringify(row)}`);
  writeFileSync(`${TABLE}.part`, `{\n${lines.join(',\n')}\n}\n`);
  renameSync(`${TABLE}.part`, TABLE);
}
