// @ts-check
// node test/boot/report.mjs: test/boot/REPORT.md from the table alone: how often the verdict agreed with a real boot.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { catalogueSection } from './catalogue/section.mjs';
import { codesSection } from './codes-section.mjs';
import { explain } from './explained.mjs';
import { KINDS, isWrong, kindOf } from './kinds.mjs';
import { PEERS } from './peers.mjs';
import { LOADER_TABLE, MEND_TABLE, MUTATION_TABLE, STACK_TABLE, keptBack, readTable } from './table.mjs';

/** @typedef {import('./table.mjs').Row} Row */

const REPORT = fileURLToPath(new URL('./REPORT.md', import.meta.url));
/** Has the figures between two comments. */
const README = fileURLToPath(new URL('../../README.md', import.meta.url));
/** Each has a runner of its own. */
const OTHERS = [STACK_TABLE, LOADER_TABLE, MUTATION_TABLE, MEND_TABLE];
const MARKS = ['<!-- boot lab: begin -->', '<!-- boot lab: end -->'];

/**
 * @param {readonly Row[]} own those of the other tables are read beside them
 * @returns {number} how many verdicts are wrong; what is kept back tells the verdict of its day, and is not counted
 */
export function writeReport(own) {
  const rows = [...own, ...OTHERS.flatMap((file) => Object.values(readTable(file)))];
  const groups = [...new Set(rows.map((row) => `${row.base}\n${sampleOf(row)}`))];
  const counted = groups.map((group) => {
    const its = rows.filter((row) => `${row.base}\n${sampleOf(row)}` === group);
    const counts = KINDS.map(([name]) => its.filter((row) => kindOf(row) === name).length);
    return [...group.split('\n'), its.length, ...counts];
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
  const parts = [...catalogueSection(rows, table), ...codesSection(rows, table)];
  const sections = [...summary, '', ...peerSection(rows), ...parts, ...lists];
  writeFileSync(REPORT, [...INTRODUCTION, '', ...sections].join('\n'));
  writeReadme([...bySample(rows), '', ...peerTable(rows)]);
  return rows.filter((row) => isWrong(row) && keptBack(row) === null).length;
}

/** @param {readonly Row[]} rows */
function bySample(rows) {
  const counts = (/** @type {readonly Row[]} */ its) =>
    KINDS.map(([name]) => its.filter((row) => kindOf(row) === name).length);
  const groups = [...new Set(rows.map(sampleOf))];
  const lines = groups.map((group) => {
    const its = rows.filter((row) => sampleOf(row) === group);
    return [group, its.length, ...counts(its)];
  });
  const head = ['sample', 'cases', ...KINDS.map(([name]) => name)];
  return table([head, ...lines, ['all', rows.length, ...counts(rows)]]);
}

/** @param {readonly string[]} lines */
function writeReadme(lines) {
  const text = readFileSync(README, 'utf8');
  const [from, to] = MARKS.map((mark) => text.indexOf(mark));
  if (from === undefined || to === undefined || from === -1 || to < from)
    throw new Error('README.md has no place for them');
  const head = text.slice(0, from + (MARKS[0]?.length ?? 0));
  writeFileSync(README, `${head}\n\n${aligned(lines).join('\n')}\n\n${text.slice(to)}`);
}

/** Columns as wide as their widest cell, as the formatter of the sources wants them. @param {readonly string[]} lines */
function aligned(lines) {
  const tables = lines.join('\n').split('\n\n');
  return tables
    .map((one) => {
      const rows = one.split('\n').map((line) => line.slice(2, -2).split(' | '));
      const widths = (rows[0] ?? []).map((_, at) =>
        Math.max(...rows.map((row) => (row[at] === '---' ? 3 : (row[at] ?? '').length))),
      );
      const cell = (/** @type {string} */ text, /** @type {number} */ at) =>
        text === '---' ? '-'.repeat(widths[at] ?? 3) : text.padEnd(widths[at] ?? 0);
      return rows.map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');
    })
    .join('\n\n')
    .split('\n');
}

/** @param {Row} row */
function sampleOf(row) {
  const kept = keptBack(row);
  return `${row.sample ?? 'sound image'}${kept === null ? '' : `, ${kept}`}`;
}

/** @param {readonly Row[]} rows */
function peerSection(rows) {
  return ['## Beside what one has without it', '', ...peerTable(rows), ''];
}

/** @param {readonly Row[]} rows */
function peerTable(rows) {
  const asked = rows.filter(({ passed, boots }) => passed !== undefined && boots !== null);
  const dead = asked.filter(({ boots }) => boots === false);
  const alive = asked.filter(({ boots }) => boots === true);
  const line = (/** @type {string} */ name, /** @type {(row: Row) => boolean} */ passes) => [
    name,
    `${dead.filter(passes).length} of ${dead.length}`,
    `${alive.filter((row) => !passes(row)).length} of ${alive.length}`,
  ];
  return table([
    ['asked of the image', 'lets pass what does not boot', 'stops what boots'],
    ...Object.keys(PEERS).map((name) => line(name, ({ passed }) => passed?.includes(name) === true)),
    line('**bellwether: healthy**', ({ verdict }) => verdict === 'healthy'),
  ]);
}

const INTRODUCTION = [
  '# How often the verdict agrees with a real boot',
  '',
  'Written by `npm run test:boot`. In each case one entry of a sound image, chosen by a seed, is removed, truncated to half,',
  'zeroed or made not executable; the bundle judges it on what the guest itself captured, and QEMU boots it.',
  'Sample _whole_ draws from every entry that is no folder, _userspace_ from all but the kernel modules; what is _kept back_ was',
  'drawn and booted when the rules stood, and its verdict is the one of that day; _anew_, _once more_ and _last_: after what',
  'the samples before had taught. A guest that does not come up is booted a second time, by a clock that counts its instructions and skips its waits,',
  'unless its kernel panicked; one that was judged healthy gets another chance, since to arrive once is proof. The _catalogue_ has its own table below. In _stacks_, one layer of what / is stored',
  'on lacks a part; each base is named for its storage. In _loaders_, GRUB or systemd-boot starts the guest from its own disk,',
  'and what it reads there is changed. In _mutation_, bytes of the container, the index or a needed module are flipped, zeroed',
  'or cut out: of 1,000 that were judged (results-mutation-judged.json) some were booted. In _mend_, the guest itself ran',
  '`bellwether repair`, started from its rescue entry, and what counts is its next boot; before, it did not boot.',
];

/**
 * @param {string} name
 * @param {readonly Row[]} rows
 */
function listed(name, rows) {
  if (rows.length === 0) return [];
  const lines = rows.map((row) => {
    const { base, sample, seed, entry, fault, findings, line, about, case: name } = row;
    return [
      base,
      name === undefined ? `${sample ?? 'sound'} ${seed}` : `${sample ?? ''}`,
      name === undefined ? `\`${entry ?? ''}\` ${fault ?? ''}` : `${about ?? ''}: ${name}`,
      findings.join(', '),
      `\`${line.replaceAll('|', '¦').replaceAll('`', "'")}\``,
      explain(row),
    ];
  });
  return [
    `## ${name.replaceAll('*', '')}`,
    '',
    ...table([['base', 'seed', 'case', 'findings', 'console', 'why'], ...lines]),
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
