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
  const lineOf = (/** @type {string} */ code) => {
    const told = dead.filter(({ findings }) => findings.includes(code));
    const first = told.filter(({ findings }) => findings[0] === code);
    const bases = [...new Set(told.map(({ base }) => base))].sort();
    return [code, told.length, first.length, bases.join(', ') || (UNSHOWN[code] ?? '**not yet**')];
  };
  const sometimes = codesIn(OTHER).filter((code) => dead.some(({ findings }) => findings.includes(code)));
  const head = ['code', 'do not boot', 'told first', 'on'];
  return [
    '## Fatal codes',
    '',
    'Each code that calls a host unhealthy, and the guests in which a boot bore it out: how many of those that do not boot were',
    'told it, how many first, and on which bases; or why no guest here can show it.',
    '',
    ...table([head, ...codesIn(FATAL).map(lineOf)]),
    '',
    'Codes that call a host unhealthy only where the boot depends on it, and were so told of guests that do not boot:',
    '',
    ...table([head, ...sometimes.map(lineOf)]),
    '',
  ];
}

const FATAL = /^### (\w+)\n\n- \*\*Severity\*\*: fatal/gm;
const OTHER = /^### (\w+)\n\n- \*\*Severity\*\*: (?!fatal)/gm;

/**
 * In boot order.
 * @param {RegExp} pattern
 * @returns {readonly string[]}
 */
function codesIn(pattern) {
  return [...readFileSync(FINDINGS, 'utf8').matchAll(pattern)].flatMap(([, code]) => code ?? []);
}
