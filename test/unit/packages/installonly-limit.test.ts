import { expect, test } from '@jest/globals';
import { openTree } from '../../../src/host/tree.ts';
import { parseInstallonlyLimit, readInstallonlyLimit } from '../../../src/packages/installonly-limit.ts';
import { makeRoot } from '../host/roots.ts';

test.each([
  ['[main]\ngpgcheck=1\ninstallonly_limit=3\n', 3],
  ['[main]\ninstallonly_limit = 5\n', 5],
  ['[main]\ninstallonly_limit=0\n', 0],
  ['[main]\ninstallonly_limit=<off>\n', 0],
  ['[main]\n#installonly_limit=2\n', null],
  ['[sheep]\ninstallonly_limit=2\n', null],
])('%j', (text, limit) => {
  expect(parseInstallonlyLimit(text)).toBe(limit);
});

test('three are kept where nothing is said, and no limit is known of managers that have none', () => {
  const tree = openTree(makeRoot({ '/etc/dnf/dnf.conf': '[main]\n' }), []);
  expect([
    readInstallonlyLimit(tree, 'dnf'),
    readInstallonlyLimit(tree, 'apt'),
    readInstallonlyLimit(tree, null),
  ]).toEqual([3, null, null]);
});

test('dnf5 takes the main file over its drop-ins', () => {
  const drop = { '/etc/dnf/libdnf5.conf.d/20-kernels.conf': '[main]\ninstallonly_limit=7\n' };
  const both = { ...drop, '/etc/dnf/dnf.conf': '[main]\ninstallonly_limit=2\n' };
  expect(readInstallonlyLimit(openTree(makeRoot(drop), []), 'dnf5')).toBe(7);
  expect(readInstallonlyLimit(openTree(makeRoot(both), []), 'dnf5')).toBe(2);
});
