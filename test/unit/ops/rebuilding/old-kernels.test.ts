import { describe, expect, test } from '@jest/globals';
import { makeRoom } from '../../../../src/ops/rebuilding/make-room.ts';
import { oldKernels } from '../../../../src/ops/rebuilding/old-kernels.ts';
import { facts, K, soundEntry, soundKernel, type FactsSpec } from '../../boot/facts.ts';

const [OLDEST, OLDER, NEWEST] = ['6.1.0-50-amd64', '6.1.0-51-amd64', '6.1.0-60-amd64'];
const kernels = [OLDEST, OLDER, K, NEWEST].map((kernel) => ({ ...soundKernel(), kernel }));
const packages = kernels.map(({ kernel }) => ({
  name: `linux-image-${kernel}`,
  version: '1-1',
  arch: 'amd64',
  kernel,
  boots: true,
}));
const lock = { name: `linux-image-${OLDER}`, version: '1-1', source: 'dpkg' };

function old({ host = {}, ...rest }: FactsSpec = {}): readonly string[] {
  return oldKernels(facts({ host: { kernels, ...host }, ...rest }).host);
}

describe('for room one may give up kernels', () => {
  test('that neither run, boot next nor are the newest, oldest first', () => {
    expect(old()).toEqual([OLDEST, OLDER]);
    expect(old({ host: { running: OLDEST } })).toEqual([OLDER]);
    expect(old({ host: { running: null } })).toEqual([OLDEST, OLDER]);
  });

  test('that no rescue entry boots', () => {
    const entries = [soundEntry(''), { ...soundEntry(''), rescue: true, kernel: OLDEST }];
    expect(old({ loader: { entries } })).toEqual([OLDER]);
  });

  test('that are not locked; where it is not known on which a lock is, none', () => {
    const locks = [lock];
    expect(old({ host: { packages: { kernels: packages, damaged: [], locks, installonlyLimit: null } } })).toEqual([
      OLDEST,
    ]);
    const ofAny = [{ ...lock, name: 'kernel-core' }];
    expect(old({ packages: { locks: ofAny } })).toEqual([]);
  });

  test('none where nothing says what boots next', () => {
    expect(old({ loader: { defaultEntry: null } })).toEqual([]);
  });
});

test('the hint names a few of them', () => {
  expect(makeRoom([OLDEST, OLDER]).hint).toContain(`with the package manager (here ${OLDEST}, ${OLDER}):`);
  const many = Array.from({ length: 7 }, (_, at) => `6.1.${at}`);
  expect(makeRoom(many).hint).toContain('(here 6.1.0, 6.1.1, 6.1.2, 6.1.3, 6.1.4 and 2 more)');
  expect(makeRoom(many).at).toEqual({ old_kernels: many.slice(0, 5) });
  expect(makeRoom([]).hint).not.toContain('here');
});
