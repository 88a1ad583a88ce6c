import { describe, expect, test } from '@jest/globals';
import { kernelDrift } from '../../../../src/boot/checks/kernel-drift.ts';
import type { HostFacts } from '../../../../src/host/types.ts';
import { facts, type FactsSpec } from '../facts.ts';
import { observe } from '../observe.ts';
import { BOOTING, DEB, EL, LIST, debianFamily, elFamily, holds, locks, packageFacts } from '../packages.ts';

function drift(kernel: string, packages: HostFacts['packages'], spec: FactsSpec = {}) {
  return observe(kernelDrift, facts({ ...spec, packages, kernel: { kernel } })).defects;
}

describe('where each kernel has packages of the same names', () => {
  const K = `${EL.new}.x86_64`;
  const both = elFamily(EL.old, EL.new);

  test('the one that boots next in another version than the locked one has drifted', () => {
    expect(drift(K, packageFacts(both, locks(EL.old, ...BOOTING)))).toMatchObject([
      {
        message: `${K} boots next, but ${LIST} locks kernel to ${EL.old}.`,
        evidence: { locks: BOOTING.map((name) => `${name} ${EL.old}`), sources: [LIST] },
      },
    ]);
  });

  test.each(BOOTING)('a lock on %s alone says so', (name) => {
    expect(drift(K, packageFacts(both, locks(EL.old, name)))).toHaveLength(1);
  });

  test.each([EL.new, '4.18.0-373.*', '4.18.0-*', '*'])('that the lock %s takes in has not', (version) => {
    expect(drift(K, packageFacts(both, [...locks(EL.old, ...BOOTING), ...locks(version, 'kernel-core')]))).toEqual([]);
  });

  test('a lock on headers says nothing of what boots', () => {
    expect(drift(K, packageFacts(both, locks(EL.old, 'kernel-headers')))).toEqual([]);
  });

  test('a lock on another flavour says nothing of this one', () => {
    const rt = { name: 'kernel-rt-core', version: '4.18.0-305.rt7.el8', arch: 'x86_64', kernel: 'rt', boots: true };
    expect(drift(K, packageFacts([rt, ...both], locks('4.18.0-300.rt7.el8', 'kernel-rt-core')))).toEqual([]);
  });

  test('one that does not boot next may be of any version', () => {
    expect(drift(K, packageFacts(both, locks(EL.old, ...BOOTING)), { isDefault: false })).toEqual([]);
  });

  test('nothing has drifted where nothing is locked', () => {
    expect(drift(K, packageFacts(both, []))).toEqual([]);
  });
});

describe('where the package database was not asked', () => {
  const K = `${EL.new}.x86_64`;

  test.each(['kernel', 'kernel-core', 'kernel-modules-extra', 'kernel-uki-virt', 'kernel-rt-core'])(
    'the version of a locked %s is held against that of the kernel',
    (name) => {
      expect(drift(K, packageFacts(null, locks(EL.old, name)))).toHaveLength(1);
      expect(drift(K, packageFacts(null, locks(EL.new, name)))).toEqual([]);
    },
  );

  test.each(['kernel-headers', 'kernel-devel', 'kernel-tools', 'kmod', 'kernelshark'])('%s is none of it', (name) => {
    expect(drift(K, packageFacts(null, locks(EL.old, name)))).toEqual([]);
  });
});

describe('where each kernel has a package of its own name', () => {
  const both = debianFamily(DEB.old, DEB.new);

  test('one boots next that is not held, with all that leads to new ones held: it has drifted', () => {
    const held = holds(both, `linux-image-${DEB.old}`, 'linux-image-amd64');
    expect(drift(DEB.new, packageFacts(both, held))).toMatchObject([
      { message: `${DEB.new} boots next, but dpkg locks linux-image-${DEB.old} to 6.1.176-1.` },
    ]);
  });

  test('an old one that is held so that it stays, while new ones come, is no drift', () => {
    expect(drift(DEB.new, packageFacts(both, holds(both, `linux-image-${DEB.old}`)))).toEqual([]);
  });

  test('the held one boots next: no drift', () => {
    const held = holds(both, `linux-image-${DEB.new}`, `linux-image-${DEB.old}`, 'linux-image-amd64');
    expect(drift(DEB.new, packageFacts(both, held))).toEqual([]);
  });

  test('held metapackages alone are no drift', () => {
    expect(drift(DEB.new, packageFacts(both, holds(both, 'linux-image-amd64', 'linux-headers-amd64')))).toEqual([]);
  });
});
