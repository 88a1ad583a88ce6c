// @ts-check
// The report's part about fatal codes: of each, how many guests that do not boot told it, and on which bases.
import { readFileSync } from 'node:fs';
import { UNSHOWN } from './unshown.mjs';

/** @typedef {import('./table.mjs').Row} Row */
/** @typedef {readonly (readonly (string | number)[])[]} Cells the first is the head */

/** Generated from the rules themselves. */
const FINDINGS = new URL('../../docs/findings.md', import.meta.url);

/**
 * @param {readonly Row[]} rows of all tables
 * @param {(cells: Cells) => readonly string[]} table
 * @returns {readonly string[]} lines
 */
export function codesSection(rows, table) {
  const dead = rows.filter(({ boots }) => boots === false);
  const lines = fatalCodes().map((code) => {
    const told = dead.filter(({ findings }) => findings.includes(code));
    const first = told.filter(({ findings }) => findings[0] === code);
    const bases = [...new Set(told.map(({ base }) => base))].sort();
    return [code, told.length, first.length, bases.join(', ') || (UNSHOWN[code] ?? '**not yet**')];
  });
  return [
    '## Fatal codes',
    '',
    'Each code that calls a host unhealthy, and the guests in which a boot bore it out: how many of those that do not boot were',
    'told it, how many first, and on which bases; or why no guest here can show it.',
    '',
    ...table([['code', 'do not boot', 'told first', 'on'], ...lines]),
    '',
  ];
}

/** @returns {readonly string[]} */
function fatalCodes() {
  const found = readFileSync(FINDINGS, 'utf8').matchAll(/^### (\w+)\n\n- \*\*Severity\*\*: fatal/gm);
  return [...found].flatMap(([, code]) => code ?? []);
}
