import { expect, test } from '@jest/globals';
import { parseDpkgVerify } from '../../../src/packages/dpkg/verify.ts';

test('a program that was changed is damaged, a configuration file that was edited is not', () => {
  // dpkg 1.21.22
  expect(parseDpkgVerify('??5?????? c /etc/toy-a.conf\n??5??????   /usr/bin/kmod\n')).toEqual([
    { path: '/etc/toy-a.conf', differs: ['digest'], harmless: true },
    { path: '/usr/bin/kmod', differs: ['digest'], harmless: false },
  ]);
});

test('a file that is gone is missing', () => {
  expect(parseDpkgVerify('missing   c /etc/toy-a.conf\nmissing     /usr/bin/with blanks\n')).toEqual([
    { path: '/etc/toy-a.conf', differs: ['missing'], harmless: true },
    { path: '/usr/bin/with blanks', differs: ['missing'], harmless: false },
  ]);
});

test('documentation that an installer left out is no damage', () => {
  expect(parseDpkgVerify('missing     /usr/share/doc/kmod/NEWS.gz\n')).toMatchObject([{ harmless: true }]);
});

test('the columns of newer versions mean what they mean to rpm', () => {
  expect(parseDpkgVerify('?M5??????   /usr/bin/kmod\n?M???????   /usr/lib/x\n?????????   /usr/lib/y\n')).toEqual([
    { path: '/usr/bin/kmod', differs: ['mode', 'digest'], harmless: false },
    { path: '/usr/lib/x', differs: ['mode'], harmless: false },
  ]);
});

test('anything else that is printed is no file', () => {
  expect(parseDpkgVerify("dpkg: package 'x' is not installed\n\n")).toEqual([]);
});
