import { expect, test } from '@jest/globals';
import { compareDpkgVersions } from '../../../src/packages/dpkg/versions.ts';

/** Each line as `dpkg --compare-versions A lt B` of dpkg 1.21.22 answers: yes. */
const RISING: readonly (readonly [string, string])[] = [
  ['6.1.176-1', '6.1.192-2'],
  ['6.1.9-1', '6.1.10-1'],
  ['252.39-1~deb12u2', '252.39-1'],
  ['30+20221128-1', '30+20221128-1+b1'],
  ['1.0~rc1-1', '1.0-1'],
  ['1.0~~', '1.0~'],
  ['1.0', '1.0a'],
  ['1.0a', '1.0+'],
  ['1.0-1', '1.0-1.1'],
  ['2:0.1', '10:0.0'],
  ['9', '1:0'],
  ['1.2-3-1', '1.2-3-2'],
  ['1.0-1~bpo12+1', '1.0-1'],
  ['5.15.0-91.101', '5.15.0-100.110'],
];

test.each(RISING)('%s is older than %s', (older, newer) => {
  expect([Math.sign(compareDpkgVersions(older, newer)), Math.sign(compareDpkgVersions(newer, older))]).toEqual([-1, 1]);
});

test.each([
  ['1.0', '1.0-0'],
  ['0:1.0-1', '1.0-1'],
  ['1.00-01', '1.0-1'],
  ['1.', '1.0'],
])('%s and %s are the same version', (a, b) => {
  expect([compareDpkgVersions(a, b), compareDpkgVersions(b, a)]).toEqual([0, 0]);
});

test('numbers too long for a number are told apart', () => {
  expect(compareDpkgVersions('20221128000000000000000001', '20221128000000000000000002')).toBeLessThan(0);
});
