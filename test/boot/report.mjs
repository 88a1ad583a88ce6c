// @ts-check
// node test/boot/report.mjs: test/boot/REPORT.md from the table alone: how often the verdict agreed with a real boot.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { catalogueSection } from './catalogue/section.mjs';
import { STACK_TABLE, readTable } from './table.mjs';

/** @typedef {import('./table.mjs').Row} Row */

const REPORT = fileURLToPath(new URL('./REPORT.md', import.meta.url));

/** Rules about the container: the kernel may go on with what it could unpack, and the image is damaged all the same. */
const CONTAINER = new Set(['image_corrupt', 'image_truncated', 'member_ignored', 'segment_misaligned', 'image_empty']);

/**
 * Every way in which a verdict and a boot can meet, in the order of the table's columns.
 * @type {readonly (readonly [name: string, is: (row: Row) => boolean])[]}
 */
const KINDS = [
  ['true healthy', ({ verdict, boots }) => verdict === 'healthy' && boots === true],
  ['**FALSE healthy**', ({ verdict, boots }) => verdict === 'healthy' && boots === false],
  ['true unhealthy', ({ verdict, boots }) => verdict === 'unhealthy' && boots === false],
  ['false unhealthy', (row) => row.verdict === 'unhealthy' && row.boots === true && !isContainer(row)],
  ['damaged container, boots', (row) => row.verdict === 'unhealthy' && row.boots === true && isContainer(row)],
  ['unknown', ({ verdict, boots }) => verdict === 'unknown' && boots !== null],
  ['no telling', ({ boots }) => boots === null],
];
const WRONG = ['**FALSE healthy**', 'false unhealthy'];

/** @param {Row} row */
const isContainer = ({ findings }) => findings.length > 0 && findings.every((code) => CONTAINER.has(code));

/** @param {Row} row */
const kindOf = (row) => KINDS.find(([, is]) => is(row))?.[0] ?? 'no telling';

/**
 * @param {readonly Row[]} own those of the storage stacks are read beside them
 * @returns {number} how many verdicts are wrong
 */
export function writeReport(own) {
  const rows = [...own, ...Object.values(readTable(STACK_TABLE))];
  const groups = [...new Set(rows.map(({ base, sample }) => `${base} ${sample ?? ''}`))];
  const counted = groups.map((group) => {
    const [base = '', sample = ''] = group.split(' ');
    const its = rows.filter((row) => row.base === base && (row.sample ?? '') === sample);
    const counts = KINDS.map(([name]) => its.filter((row) => kindOf(row) === name).length);
    return [base, sample === '' ? 'sound image' : sample, its.length, ...counts];
  });
  const head = ['base', 'sample', 'cases', ...KINDS.map(([name]) => name)];
  const total = ['all', '', rows.length, ...KINDS.map(([name]) => rows.filter((row) => kindOf(row) === name).length)];
  const apart = KINDS.map(([name]) => name).filter((name) => !name.startsWith('true '));
  const lists = apart.flatMap((name) =>
    listed(
      name,
      rows.filter((row) => kindOf(row) === name),
    ),
  );
  const summary = table([head, ...counted, total]);
  writeFileSync(REPORT, [...INTRODUCTION, '', ...summary, '', ...catalogueSection(rows, table), ...lists].join('\n'));
  return rows.filter((row) => WRONG.includes(kindOf(row))).length;
}

const INTRODUCTION = [
  '# How often the verdict agrees with a real boot',
  '',
  'Written by `npm run test:boot`. In each case one entry of a sound image, chosen by a seed, is removed, truncated to half,',
  'zeroed or made not executable; the bundle judges it on what the guest itself captured, and QEMU boots it.',
  'Sample _whole_ draws from every entry that is no folder, _userspace_ from all but the kernel modules. A time-out is tried',
  'again with twice the time, and counts as "no telling" after that. The _catalogue_ has its own table below. In _stacks_, one',
  'layer of what / is stored on lacks a part; each base is named for its storage.',
];

/**
 * @param {string} name
 * @param {readonly Row[]} rows
 */
function listed(name, rows) {
  if (rows.length === 0) return [];
  const lines = rows.map(({ base, sample, seed, entry, fault, findings, line, about, case: name }) => [
    base,
    name === undefined ? `${sample ?? 'sound'} ${seed}` : `${sample ?? ''}`,
    name === undefined ? `\`${entry ?? ''}\` ${fault ?? ''}` : `${about ?? ''}: ${name}`,
    findings.join(', '),
    `\`${line.replaceAll('|', '¦').replaceAll('`', "'")}\``,
  ]);
  return [
    `## ${name.replaceAll('*', '')}`,
    '',
    ...table([['base', 'seed', 'case', 'findings', 'console'], ...lines]),
    '',
  ];
}

/** @param {readonly (readonly (string | number)[])[]} rows the first is the head */
function table([head = [], ...rows]) {
  const line = (/** @type {readonly (string | number)[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = writeReport(Object.values(readTable())) === 0 ? 0 : 1;
