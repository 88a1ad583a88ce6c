/**
 * Compares two versions as dpkg does: epoch by number, then upstream version, then revision, each as runs of non-digits
 * and of digits in turn. Letters sort before other signs, `~` before everything, even the end. Negative, zero or positive.
 * https://www.debian.org/doc/debian-policy/ch-controlfields.html#version
 */
export function compareDpkgVersions(a: string, b: string): number {
  const [left, right] = [split(a), split(b)];
  return (
    compareDigits(left.epoch, right.epoch) ||
    comparePart(left.upstream, right.upstream) ||
    comparePart(left.revision, right.revision)
  );
}

interface Parts {
  readonly epoch: string;
  readonly upstream: string;
  readonly revision: string;
}

/** No revision is the same as a revision of 0: the empty one compares equal to it. */
function split(version: string): Parts {
  const colon = version.indexOf(':');
  const rest = version.slice(colon + 1);
  const dash = rest.lastIndexOf('-');
  return {
    epoch: colon === -1 ? '' : version.slice(0, colon),
    upstream: dash === -1 ? rest : rest.slice(0, dash),
    revision: dash === -1 ? '' : rest.slice(dash + 1),
  };
}

function comparePart(a: string, b: string): number {
  let [left, right] = [a, b];
  while (left !== '' || right !== '') {
    const [signs, otherSigns] = [head(left, /^\D*/), head(right, /^\D*/)];
    const order = compareSigns(signs, otherSigns);
    if (order !== 0) return order;
    [left, right] = [left.slice(signs.length), right.slice(otherSigns.length)];
    const [digits, otherDigits] = [head(left, /^\d*/), head(right, /^\d*/)];
    const size = compareDigits(digits, otherDigits);
    if (size !== 0) return size;
    [left, right] = [left.slice(digits.length), right.slice(otherDigits.length)];
  }
  return 0;
}

function compareSigns(a: string, b: string): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const order = weight(a, at) - weight(b, at);
    if (order !== 0) return order;
  }
  return 0;
}

/** The end, and a digit that follows, weigh nothing. */
function weight(text: string, at: number): number {
  const sign = text[at];
  if (sign === undefined) return 0;
  if (sign === '~') return -1;
  const code = sign.charCodeAt(0);
  return /[A-Za-z]/.test(sign) ? code : code + 256;
}

/** Digits of any length, leading zeros aside; none are 0. */
function compareDigits(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  if (left.length !== right.length) return left.length - right.length;
  return left === right ? 0 : left < right ? -1 : 1;
}

function head(text: string, pattern: RegExp): string {
  return pattern.exec(text)?.[0] ?? '';
}
