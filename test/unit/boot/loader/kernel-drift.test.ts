import { describe, expect, test } from '@jest/globals';
import { kernelDrift } from '../../../../src/boot/checks/kernel-drift.ts';
import { facts, type FactsSpec } from '../facts.ts';

const K = '4.18.0-373.el8.x86_64';
const lock = (version: string) => ({ name: 'kernel-core', version, source: '/etc/dnf/plugins/versionlock.list' });

function observe(locks: readonly string[], spec: FactsSpec = {}) {
  const base = facts(spec);
  const host = { ...base.host, versionLocks: locks.map(lock) };
  return [...kernelDrift.observe({ ...base, host, kernel: { ...base.kernel, kernel: K } }, [])];
}

describe('the kernel that boots next', () => {
  test('in another version than the locked one has drifted', () => {
    expect(observe(['4.18.0-348.el8'])).toMatchObject([
      {
        defect: true,
        message: `${K} boots next, but /etc/dnf/plugins/versionlock.list locks kernel-core to 4.18.0-348.el8.`,
        evidence: { locks: ['kernel-core 4.18.0-348.el8'] },
      },
    ]);
  });

  test.each([['4.18.0-373.el8'], ['4.18.0-373.*'], ['4.18.0-*']])('that the lock %s takes in has not', (version) => {
    expect(observe(['4.18.0-348.el8', version])).toEqual([]);
  });

  test('has not drifted where nothing is locked', () => {
    expect(observe([])).toEqual([]);
  });
});

test('a kernel that does not boot next may be of any version', () => {
  expect(observe(['4.18.0-348.el8'], { isDefault: false })).toEqual([]);
});
