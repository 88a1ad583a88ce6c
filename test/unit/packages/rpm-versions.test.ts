import { describe, expect, it } from '@jest/globals';
import { compareEvr, compareSegments, formatEvr, parseEvr } from '../../../src/versions/rpm-versions.ts';

/** Older first; those in one row are equal. The lab holds the comparison against rpm's own. */
const ORDER = [
  ['1.0~~'],
  ['1.0~beta1', '1.0.~beta1'],
  ['1.0~rc1'],
  ['1.0~rc1^git1'],
  ['1.0', '1_0', '1.00', '01.0'],
  ['1.0^'],
  ['1.0^git1~pre'],
  ['1.0^git1'],
  ['1.0a'],
  ['1.0aa'],
  ['1.0.1', '1.0..1'],
  ['1.9'],
  ['1.10', '1.0010'],
  ['2.0.el8'],
  ['2.0.fc39'],
  ['2.0.1'],
] as const;

describe('versions as rpm orders them', () => {
  const ranked = ORDER.flatMap((row, rank) => row.map((version) => ({ version, rank })));

  it.each(ranked)('$version stands where it should', ({ version, rank }) => {
    for (const other of ranked) {
      expect([other.version, Math.sign(compareSegments(version, other.version))]).toEqual([
        other.version,
        Math.sign(rank - other.rank),
      ]);
    }
  });

  it('an epoch outweighs every version, and none is 0', () => {
    expect(compareEvr('1:1-1', '2-1')).toBeGreaterThan(0);
    expect(compareEvr('0:2-1', '2-1')).toBe(0);
    expect(compareEvr('10:1-1', '9:1-1')).toBeGreaterThan(0);
  });

  it('kernels of one line are told apart by their releases', () => {
    expect(compareEvr('4.18.0-348.el8', '4.18.0-373.el8')).toBeLessThan(0);
    expect(compareEvr('4.18.0-348.el8', '4.18.0-348.2.1.el8_5')).toBeLessThan(0);
    expect(compareEvr('3.10.0-1062.4.1.el7', '3.10.0-1062.el7')).toBeGreaterThan(0);
    expect(compareEvr('5.14.0-9.el9', '5.14.0-427.el9')).toBeLessThan(0);
  });

  it('without a release only versions are compared', () => {
    expect(compareEvr('4.18.0', '4.18.0-373.el8')).toBe(0);
    expect(compareEvr('4.19', '4.18.0-373.el8')).toBeGreaterThan(0);
  });

  it('are read and written with the epoch where there is one', () => {
    expect(parseEvr('32:9.11.36-11.el8')).toEqual({ epoch: 32, version: '9.11.36', release: '11.el8' });
    expect(parseEvr('9.11')).toEqual({ epoch: 0, version: '9.11', release: null });
    expect(formatEvr(parseEvr('0:25-19.el8'))).toBe('25-19.el8');
    expect(formatEvr(parseEvr('32:9.11.36-11.el8'))).toBe('32:9.11.36-11.el8');
  });
});
