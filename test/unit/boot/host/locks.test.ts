import { describe, expect, test } from '@jest/globals';
import { installonlyLimitRisk } from '../../../../src/boot/checks/installonly-limit-risk.ts';
import { lockDrifted } from '../../../../src/boot/checks/lock-drifted.ts';
import { lockIncomplete } from '../../../../src/boot/checks/lock-incomplete.ts';
import { lockMissing } from '../../../../src/boot/checks/lock-missing.ts';
import type { Check } from '../../../../src/boot/types.ts';
import type { HostFacts } from '../../../../src/host/types.ts';
import { facts, type FactsSpec } from '../facts.ts';
import { observe, severities } from '../observe.ts';
import { BOOTING, DEB, EL, LIST, debianFamily, elFamily, holds, locks, packageFacts } from '../packages.ts';

const of = (check: Check, kernel: string, packages: HostFacts['packages'], spec: FactsSpec = {}) =>
  observe(check, facts({ ...spec, packages, kernel: { kernel } })).defects;

test.each([lockDrifted, lockIncomplete, lockMissing, installonlyLimitRisk])(
  'a host without locks has nothing to be told by $code',
  (check) => {
    const none = { installonlyLimit: 3 };
    const three = elFamily('4.18.0-1', EL.old, EL.new);
    expect(of(check, `${EL.new}.x86_64`, packageFacts(three, [], none), { host: { running: '4.18.0-1' } })).toEqual([]);
    expect(of(check, DEB.new, packageFacts(debianFamily(DEB.old, DEB.new), []))).toEqual([]);
    expect(of(check, DEB.new, packageFacts(null, []))).toEqual([]);
  },
);

describe('a lock is incomplete', () => {
  const K = `${EL.old}.x86_64`;
  const family = elFamily(EL.old);

  test('on the metapackage alone: the kernel itself moves', () => {
    expect(of(lockIncomplete, K, packageFacts(family, locks(EL.old, 'kernel')))).toMatchObject([
      {
        message: 'kernel is locked, but kernel-core, kernel-modules, kernel-modules-extra are not.',
        evidence: {
          locked: ['kernel'],
          version: EL.old,
          not_locked: ['kernel-core', 'kernel-modules', 'kernel-modules-extra'],
        },
      },
    ]);
  });

  test('without the headers it is whole: they do not boot', () => {
    expect(of(lockIncomplete, K, packageFacts(family, locks(EL.old, ...BOOTING)))).toEqual([]);
  });

  test('with what leads to new images free, on Debian', () => {
    const debian = debianFamily(DEB.new);
    expect(of(lockIncomplete, DEB.new, packageFacts(debian, holds(debian, `linux-image-${DEB.new}`)))).toMatchObject([
      { message: `linux-image-${DEB.new} is locked, but linux-image-amd64 is not.` },
    ]);
  });

  test('not with the metapackage alone held on Debian: it names the one image that it leads to', () => {
    const debian = debianFamily(DEB.old, DEB.new);
    expect(of(lockIncomplete, DEB.new, packageFacts(debian, holds(debian, 'linux-image-amd64')))).toEqual([]);
  });

  test('not where an older image is held so that it stays', () => {
    const debian = debianFamily(DEB.old, DEB.new);
    expect(of(lockIncomplete, DEB.new, packageFacts(debian, holds(debian, `linux-image-${DEB.old}`)))).toEqual([]);
  });

  test('where the database was not asked, nobody can tell', () => {
    expect(of(lockIncomplete, K, packageFacts(null, locks(EL.old, 'kernel')))).toEqual([]);
  });
});

describe('a lock has drifted', () => {
  const K = `${EL.new}.x86_64`;
  const family = elFamily(EL.new);

  test('that names a version which is not installed', () => {
    expect(of(lockDrifted, K, packageFacts(family, locks(EL.old, 'kernel-core')))).toMatchObject([
      {
        message: `${LIST} locks kernel-core to ${EL.old}, which is not installed; ${EL.new} is.`,
        evidence: { locks: [`kernel-core ${EL.old}`], version: EL.old, installed: [`kernel-core ${EL.new}`] },
      },
    ]);
  });

  test.each([
    ['names a pattern', locks('4.17.*', 'kernel-core')],
    ['is one of two that differ', [...locks(EL.old, 'kernel-core'), ...locks('4.17.0-1.el8', 'kernel')]],
  ])('in no one version where it %s', (_, differing) => {
    expect(of(lockDrifted, K, packageFacts(family, differing))).toMatchObject([{ evidence: { version: null } }]);
  });

  test('not where another lock on the package names what is installed', () => {
    const two = [...locks(EL.old, 'kernel-core'), ...locks(EL.new, 'kernel-core')];
    expect(of(lockDrifted, K, packageFacts(family, two))).toEqual([]);
  });

  test.each(['4.18.0-*', '*', `0:${EL.new}`])('not where it takes the installed one in: %s', (version) => {
    expect(of(lockDrifted, K, packageFacts(family, locks(version, 'kernel-core')))).toEqual([]);
  });

  test('not where the package is not installed at all', () => {
    expect(of(lockDrifted, K, packageFacts(family, locks(EL.old, 'kernel-uki-virt')))).toEqual([]);
  });

  test('never as a hold: that is of what is installed', () => {
    const debian = debianFamily(DEB.new);
    const held = holds(debian, `linux-image-${DEB.new}`, 'linux-image-amd64');
    expect(of(lockDrifted, DEB.new, packageFacts(debian, held))).toEqual([]);
  });
});

describe('a lock that was asked for', () => {
  const asked = BOOTING.map((name) => ({ name, version: EL.old }));
  const family = elFamily(EL.old);

  test('and is not there is missing', () => {
    const packages = packageFacts(family, locks(EL.old, 'kernel', 'kernel-core'));
    expect(of(lockMissing, `${EL.old}.x86_64`, packages, { locksAsked: asked })).toMatchObject([
      {
        message: `kernel-modules is not locked to ${EL.old}, nor 1 more.`,
        evidence: { missing: [`kernel-modules ${EL.old}`, `kernel-modules-extra ${EL.old}`], version: EL.old },
      },
    ]);
  });

  test('and is there, perhaps with a wildcard, is not', () => {
    const packages = packageFacts(family, [...locks('4.18.0-348.*', 'kernel'), ...locks(EL.old, ...BOOTING.slice(1))]);
    expect(of(lockMissing, `${EL.old}.x86_64`, packages, { locksAsked: asked })).toEqual([]);
  });
});

describe('the limit of installed kernels', () => {
  const oldest = '4.18.0-348.el8';
  const [middle, newest] = ['4.18.0-360.el8', EL.new];
  const three = elFamily(oldest, middle, newest);
  const risk = (locked: ReturnType<typeof locks>, running: string, installonlyLimit: number | null = 3) =>
    facts({
      kernel: { kernel: `${oldest}.x86_64` },
      packages: packageFacts(three, locked, { installonlyLimit }),
      host: { running: `${running}.x86_64` },
    });

  test('takes the locked one when the next comes, if it is the oldest that does not run', () => {
    const at = risk(locks(oldest, 'kernel-core'), newest);
    expect(observe(installonlyLimitRisk, at).defects).toMatchObject([
      { evidence: { locked: `${oldest}.x86_64`, limit: 3, running: `${newest}.x86_64` } },
    ]);
    expect(severities(installonlyLimitRisk, at)).toEqual(['warning']);
  });

  test('only once the lock is lifted, if all of it is locked: that is worth a note', () => {
    expect(severities(installonlyLimitRisk, risk(locks(oldest, ...BOOTING), newest))).toEqual(['note']);
  });

  test('at once, locked or not, if there are more than it allows', () => {
    expect(severities(installonlyLimitRisk, risk(locks(oldest, ...BOOTING), newest, 2))).toEqual(['warning']);
  });

  test.each([
    ['the locked one runs', locks(oldest, 'kernel-core'), oldest, 3],
    ['another is older', locks(middle, 'kernel-core'), newest, 3],
    ['there is room for one more', locks(oldest, 'kernel-core'), newest, 4],
    ['there is no limit', locks(oldest, 'kernel-core'), newest, null],
    ['only headers are locked', locks(oldest, 'kernel-headers'), newest, 3],
  ])('takes nothing that is locked where %s', (_, locked, running, limit) => {
    expect(observe(installonlyLimitRisk, risk(locked, running, limit)).defects).toEqual([]);
  });

  test('where nobody knows what runs, nobody knows what goes', () => {
    const at = risk(locks(oldest, 'kernel-core'), newest);
    expect(observe(installonlyLimitRisk, { ...at, host: { ...at.host, running: null } }).defects).toEqual([]);
  });
});
