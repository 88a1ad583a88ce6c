/** Versions as RPM orders them. https://rpm-software-management.github.io/rpm/man/rpm-version.7 */

export interface Evr {
  readonly epoch: number;
  readonly version: string;
  /** Null where none is told: then it takes no part in a comparison. */
  readonly release: string | null;
}

/** `[epoch:]version[-release]` in its parts; an epoch that is left off is 0. */
export function parseEvr(text: string): Evr {
  const { epoch, rest = text } = /^(?:(?<epoch>\d+):)?(?<rest>.*)$/s.exec(text)?.groups ?? {};
  const dash = rest.lastIndexOf('-');
  return {
    epoch: Number(epoch ?? 0),
    version: dash === -1 ? rest : rest.slice(0, dash),
    release: dash === -1 ? null : rest.slice(dash + 1),
  };
}

/** `[epoch:]version-release`, an epoch of 0 left off: the one way that versions are written in answers. */
export function formatEvr({ epoch, version, release }: Evr): string {
  return `${epoch === 0 ? '' : `${epoch}:`}${version}${release === null ? '' : `-${release}`}`;
}

/** Orders two `[epoch:]version-release`: negative, zero or positive. */
export function compareEvr(a: string, b: string): number {
  const [one, two] = [parseEvr(a), parseEvr(b)];
  const order = one.epoch - two.epoch || compareSegments(one.version, two.version);
  if (order !== 0 || one.release === null || two.release === null) return order;
  return compareSegments(one.release, two.release);
}

/**
 * Orders two versions, or two releases, segment by segment (rpm's `rpmvercmp`): runs of digits by number, runs of letters
 * by byte, digits above letters; `~` sorts before everything, even the end; `^` after the end and before all else.
 */
export function compareSegments(a: string, b: string): number {
  let [left, right] = [a, b];
  while (left !== '' || right !== '') {
    left = left.replace(/^[^A-Za-z0-9~^]+/, '');
    right = right.replace(/^[^A-Za-z0-9~^]+/, '');
    const mark = markOrder(left, right);
    if (mark === 'both') {
      [left, right] = [left.slice(1), right.slice(1)];
      continue;
    }
    if (mark !== null) return mark;
    if (left === '' || right === '') break;
    const numeric = /^\d/.test(left);
    const run = numeric ? /^\d*/ : /^[A-Za-z]*/;
    const [one, two] = [run.exec(left)?.[0] ?? '', run.exec(right)?.[0] ?? ''];
    if (two === '') return numeric ? 1 : -1;
    const order = numeric ? compareNumbers(one, two) : compareBytes(one, two);
    if (order !== 0) return order;
    [left, right] = [left.slice(one.length), right.slice(two.length)];
  }
  return Number(left !== '') - Number(right !== '');
}

/** What a `~` or `^` at the front of either decides; `both`: they have the same; null: neither has one. */
function markOrder(left: string, right: string): number | 'both' | null {
  for (const mark of ['~', '^']) {
    const [one, two] = [left.startsWith(mark), right.startsWith(mark)];
    if (one && two) return 'both';
    // A caret stands above the end of the version, a tilde below it.
    const aboveEnd = mark === '^' ? 1 : -1;
    if (one) return right === '' ? aboveEnd : -1;
    if (two) return left === '' ? -aboveEnd : 1;
  }
  return null;
}

/** Digits of any length, leading zeros aside. */
function compareNumbers(a: string, b: string): number {
  const [one, two] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return one.length - two.length || compareBytes(one, two);
}

/** By code unit. */
export function compareBytes(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}
