/**
 * Compares two versions segment by segment as RPM does: runs of digits by number, runs of letters by code unit, digits
 * above letters, `~` before everything, `^` after the base and before anything longer. Negative, zero or positive.
 * https://rpm-software-management.github.io/rpm/man/rpm-version.7
 */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  let [left, right] = [a, b];
  for (;;) {
    left = left.replace(/^[^A-Za-z0-9~^]+/, '');
    right = right.replace(/^[^A-Za-z0-9~^]+/, '');
    if (left.startsWith('~') || right.startsWith('~')) {
      if (!left.startsWith('~')) return 1;
      if (!right.startsWith('~')) return -1;
      [left, right] = [left.slice(1), right.slice(1)];
      continue;
    }
    if (left.startsWith('^') || right.startsWith('^')) {
      if (left === '') return -1;
      if (right === '') return 1;
      if (!left.startsWith('^')) return 1;
      if (!right.startsWith('^')) return -1;
      [left, right] = [left.slice(1), right.slice(1)];
      continue;
    }
    if (left === '' || right === '') break;
    const numeric = /^\d/.test(left);
    const run = numeric ? /^\d*/ : /^[A-Za-z]*/;
    const one = run.exec(left)?.[0] ?? '';
    const two = run.exec(right)?.[0] ?? '';
    if (two === '') return numeric ? 1 : -1;
    const order = numeric ? compareNumbers(one, two) : compareText(one, two);
    if (order !== 0) return order;
    left = left.slice(one.length);
    right = right.slice(two.length);
  }
  return compareText(left === '' ? '' : 'x', right === '' ? '' : 'x');
}

/** Digits of any length, leading zeros aside. */
function compareNumbers(a: string, b: string): number {
  const [one, two] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return one.length === two.length ? compareText(one, two) : one.length - two.length;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Sorts kernel versions oldest to newest; equal ones by code unit, so that the order is the same everywhere. */
export function compareKernels(a: string, b: string): number {
  return compareVersions(a, b) || compareText(a, b);
}
