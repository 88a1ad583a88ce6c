import { expect, test } from '@jest/globals';
import { parseLockList, parseLockToml } from '../../../src/packages/lock-files.ts';

test('dnf 4 locks by name-epoch:version-release, and what it excludes is no lock', () => {
  const text = `# Added lock on Sat Nov  1 00:00:00 2025
kernel-0:4.18.0-348.el8.*
kernel-core-0:4.18.0-348.el8.x86_64
!kernel-modules-0:4.18.0-373.el8.*
`;
  expect(parseLockList(text, 'list')).toEqual([
    { name: 'kernel', version: '4.18.0-348.el8', source: 'list' },
    { name: 'kernel-core', version: '4.18.0-348.el8', source: 'list' },
  ]);
});

test('yum 3 locks by epoch:name-version-release', () => {
  expect(parseLockList('0:kernel-3.10.0-1062.4.1.el7.*\n', 'list')).toEqual([
    { name: 'kernel', version: '3.10.0-1062.4.1.el7', source: 'list' },
  ]);
});

test('dnf5 locks by conditions, of which equality alone pins a version', () => {
  const text = `version = "1.0"

[[packages]]
name = "kernel-core"
comment = "Added by 'versionlock add' command 2026-11-01 10:00:00"
[[packages.conditions]]
key = "evr"
comparator = "="
value = "0:6.12.0-55.el10"

[[packages]]
name = "kernel"
[[packages.conditions]]
key = "evr"
comparator = "<"
value = "7.0"
`;
  expect(parseLockToml(text, 'toml')).toEqual([{ name: 'kernel-core', version: '6.12.0-55.el10', source: 'toml' }]);
});

test('garbage locks nothing', () => {
  expect(parseLockList('\u0000\u0001 x\n---\n:::\n', 'list')).toEqual([]);
  expect(parseLockToml('[[packages]]\nname = \n[[packages.conditions]]\n', 'toml')).toEqual([]);
});
