// @ts-check
// How a verdict and a boot can meet, and which of these ways are wrong.

/** @typedef {Pick<import('./table.mjs').Row, 'sample' | 'verdict' | 'findings' | 'boots'>} Told */

/** Rules about the container: the kernel may go on with what it could unpack, and the image is damaged all the same. */
const CONTAINER = new Set(['image_corrupt', 'image_truncated', 'member_ignored', 'segment_misaligned', 'image_empty']);
/** Of an index, or of a program, what this boot looks up or runs may be whole. */
const IN_PART = new Set(['module_index_truncated', 'program_damaged']);

/**
 * Every way in which a verdict and a boot can meet, in the order of the table's columns.
 * @type {readonly (readonly [name: string, is: (row: Told) => boolean])[]}
 */
export const KINDS = [
  ['true healthy', ({ verdict, boots }) => verdict === 'healthy' && boots === true],
  ['**FALSE healthy**', ({ verdict, boots }) => verdict === 'healthy' && boots === false],
  ['true unhealthy', ({ verdict, boots }) => verdict === 'unhealthy' && boots === false],
  ['false unhealthy', (row) => row.verdict === 'unhealthy' && row.boots === true && !isDamaged(row)],
  ['damaged, boots', (row) => row.verdict === 'unhealthy' && row.boots === true && isDamaged(row)],
  ['unknown', ({ verdict, boots }) => verdict === 'unknown' && boots !== null],
  ['no telling', ({ boots }) => boots === null],
];
const WRONG = ['**FALSE healthy**', 'false unhealthy'];

/** @param {Told} row */
const isDamaged = ({ sample, findings }) =>
  findings.length > 0 && findings.every((code) => CONTAINER.has(code) || (sample === 'mutation' && IN_PART.has(code)));

/** @param {Told} row */
export const kindOf = (row) => KINDS.find(([, is]) => is(row))?.[0] ?? 'no telling';

/** @param {Told} row */
export const isWrong = (row) => WRONG.includes(kindOf(row));
