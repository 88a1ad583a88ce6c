// @ts-check
// The report's part about the catalogue: by code, how often boot and verdict agree, and whether the fault was named.
/** @typedef {import('../table.mjs').Row} Row */
/** @typedef {readonly (readonly (string | number)[])[]} Cells the first is the head */

/** @param {Row} row */
const agrees = ({ verdict, boots }) => verdict === (boots === true ? 'healthy' : 'unhealthy');

/** @param {Row} row */
const isNamed = ({ findings, planted }) => findings[0] === planted;

/** @param {Row} row */
const isDead = ({ planted, boots }) => typeof planted === 'string' && boots === false;

/**
 * @param {readonly Row[]} rows of the whole table
 * @param {(cells: Cells) => readonly string[]} table
 * @returns {readonly string[]} lines
 */
export function catalogueSection(rows, table) {
  const own = rows.filter(({ sample, boots }) => sample === 'catalogue' && boots !== null);
  if (own.length === 0) return [];
  const codes = [...new Set(own.map(({ about }) => about ?? ''))].sort();
  const counted = codes.map((code) => {
    const [faults, misses] = [true, false].map((planted) =>
      own.filter((row) => row.about === code && (typeof row.planted === 'string') === planted),
    );
    return [code, ...countFaults(faults ?? []), ...countMisses(misses ?? [])];
  });
  const faults = own.filter(({ planted }) => typeof planted === 'string');
  const misses = own.filter(({ planted }) => planted === null);
  const total = ['all', ...countFaults(faults), ...countMisses(misses)];
  const head = ['code', 'faults', 'do not boot', 'found', 'named first', 'near misses', 'boot', 'passed'];
  return [
    '## Catalogue',
    '',
    'Faults are planted on purpose, for each code that is fatal, and near misses beside them: what looks like the fault and',
    'harms nobody. _Found_: of the guests that do not boot, those judged unhealthy; _named first_: those of which the first',
    'fatal finding is the fault that was planted; _passed_: of the near misses that boot, those judged healthy.',
    '',
    ...table([head, ...counted, total]),
    '',
    ...unnamed(own, table),
  ];
}

/**
 * Faults that were found under another name first.
 * @param {readonly Row[]} rows
 * @param {(cells: Cells) => readonly string[]} table
 */
function unnamed(rows, table) {
  const others = rows.filter((row) => isDead(row) && row.verdict === 'unhealthy' && !isNamed(row));
  if (others.length === 0) return [];
  const cells = others.map((row) => [row.base, row.planted ?? '', row.case ?? '', row.findings.join(', ')]);
  return ['Found under another name first:', '', ...table([['base', 'planted', 'case', 'findings'], ...cells]), ''];
}

/** @param {readonly Row[]} faults */
function countFaults(faults) {
  const dead = faults.filter(isDead);
  return [faults.length, dead.length, dead.filter(agrees).length, dead.filter(isNamed).length];
}

/** @param {readonly Row[]} misses */
function countMisses(misses) {
  const alive = misses.filter(({ boots }) => boots === true);
  return [misses.length, alive.length, alive.filter(agrees).length];
}
